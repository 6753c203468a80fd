import type { RunData } from '../run-data.js';

/** Base64 of deflated JSON, as the report writes it. */
export const readData = async (base64: string): Promise<RunData> => {
	const binary = atob(base64.trim());
	const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
	const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
	return JSON.parse(await new Response(stream).text()) as RunData;
};
