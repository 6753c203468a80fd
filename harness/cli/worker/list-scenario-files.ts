import { titleSlugs } from '../../scenario/index.js';
import { loadScenarios } from './load-scenarios.js';

/** What the listing process answers for each file it was given, in order. */
export type ListedFile =
	| { readonly url: string; readonly cases: readonly ListedCase[] }
	| { readonly url: string; readonly problem: { readonly name: string; readonly message: string; readonly stack: string } };

export interface ListedCase {
	readonly title: string;
	readonly slug: string;
	readonly needs: readonly string[];
	readonly independent: boolean;
}

/** Imports each file of the process's arguments and sends its cases to the parent, one message a file. */
const listFiles = async (urls: readonly string[]): Promise<void> => {
	for (const url of urls)
		await new Promise<void>((resolve, reject) =>
			listFile(url).then((listed) => process.send?.(listed, (error: unknown) => (error ? reject(error) : resolve())), reject),
		);
};

const listFile = async (url: string): Promise<ListedFile> => {
	try {
		const definitions = await loadScenarios(url);
		const slugs = titleSlugs(definitions.map(({ title }) => title));
		return {
			url,
			cases: definitions.map(({ title, options: { needs, independent = false } }, index) => ({ title, slug: slugs[index] ?? '', needs, independent })),
		};
	} catch (error) {
		const { name, message, stack } = error instanceof Error ? error : new Error(`something that is no Error was thrown: ${String(error)}`);
		return { url, problem: { name, message, stack: stack ?? '' } };
	}
};

await listFiles(process.argv.slice(2));
process.disconnect?.();
// A scenario file may have opened something at import; listing is over all the same.
process.exit(0);
