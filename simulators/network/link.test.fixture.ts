import type { Duplex } from 'node:stream';
import type { LinkConditions } from '../../harness/faults/index.js';
import { openVirtualWorld, type VirtualWorld } from '../../harness/time/index.js';
import { createLink, type Link } from './link.js';

export const IDEAL: LinkConditions = { latencyMs: 0, jitterMs: 0, bandwidthBytesPerS: 0, lossRatio: 0 };

/** A link under observation in a world of its own. */
export interface Bench {
	readonly world: VirtualWorld;
	readonly link: Link;
	readonly faults: string[];
	/** What the device got: when, and what. */
	readonly arrivals: { readonly atMs: number; readonly bytes: Buffer }[];
	/** `end`, `close` and error codes of either end with their instants. */
	readonly log: string[];
}

export const withLink = async (
	conditions: Partial<LinkConditions>,
	use: (bench: Bench) => Promise<void>,
	options: { seed?: string; bufferBytes?: number } = {},
): Promise<void> => {
	using world = openVirtualWorld({ seed: options.seed ?? '1' });
	await world.run(async () => {
		const { clock } = world;
		const faults: string[] = [];
		const link = createLink({
			clock,
			random: world.random('link'),
			conditions: { ...IDEAL, ...conditions },
			onFault: (fault, detail) => faults.push(`${clock.nowMs} ${fault}: ${detail}`),
			...(options.bufferBytes === undefined ? {} : { bufferBytes: options.bufferBytes }),
		});
		const arrivals: Bench['arrivals'] = [];
		const log: string[] = [];
		const watch = (end: Duplex, name: string): void => {
			end.on('end', () => log.push(`${clock.nowMs} ${name} end`));
			end.on('close', () => log.push(`${clock.nowMs} ${name} close`));
			end.on('error', (error: NodeJS.ErrnoException) => log.push(`${clock.nowMs} ${name} ${error.code}`));
		};
		watch(link.deviceEnd, 'device');
		watch(link.brokerEnd, 'broker');
		link.deviceEnd.on('data', (bytes: Buffer) => arrivals.push({ atMs: clock.nowMs, bytes }));
		await use({ world, link, faults, arrivals, log });
	});
};

export const received = (arrivals: Bench['arrivals']): Buffer => Buffer.concat(arrivals.map(({ bytes }) => bytes));
/** Bytes of which every stretch tells its place. */
export const numbered = (sizeBytes: number): Buffer => Buffer.from(Uint8Array.from({ length: sizeBytes }, (_, index) => (index * 31) ^ (index >> 8)));
