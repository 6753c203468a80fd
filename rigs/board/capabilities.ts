import type { Capability } from '../../harness/scenario/index.js';
import type { BoardSpec } from '../rig-file/index.js';
import type { BoardImages } from './board-releases.js';
import { listUpdatePaths } from './update-paths.js';

export interface BoardMeans {
	readonly images: BoardImages;
	readonly hasFlasher: boolean;
	/** The rig host speaks to its update service for boards without a network. */
	readonly hasGateway: boolean;
	/** The board comes to the update service by itself. */
	readonly hasUplink: boolean;
	/** Another board of the rig can be used beside it. */
	readonly hasOther: boolean;
}

/** What a board has, as its rig file says: scenarios that need more are skipped. */
export const listCapabilities = (spec: BoardSpec, { images, hasFlasher, hasGateway, hasUplink, hasOther }: BoardMeans): readonly Capability[] => {
	const { commands, console } = spec.type;
	const paths = listUpdatePaths(spec, { hasFlasher, hasGateway, hasUplink });
	const has: Readonly<Partial<Record<Capability, boolean>>> = {
		board: true,
		console: true,
		power: spec.power !== undefined,
		'power-sense': spec.power !== undefined && spec.power.sense.kind !== 'none',
		reset: spec.lines.reset !== undefined,
		flasher: hasFlasher,
		update: paths.length > 0 && commands.running !== undefined && images.golden !== undefined && images.candidate !== undefined,
		'mqtt-update': paths.includes('mqtt'),
		'fleet-beside': paths.includes('mqtt'),
		'own-network': paths.includes('mqtt') && hasUplink,
		settings: commands.settings !== undefined && commands.set !== undefined,
		crash: commands.crash !== undefined,
		'bad-image': images.bad !== undefined,
		'bad-hangs': images['bad-hangs'] !== undefined,
		'bad-silent': images['bad-silent'] !== undefined,
		'bad-unwell': images['bad-unwell'] !== undefined,
		'refused-images': images['wrong-key'] !== undefined && images['payload-bit'] !== undefined,
		recovery: console.recovery !== undefined && commands.recovered !== undefined,
		'other-board': hasOther,
	};
	return [...(Object.keys(has) as Capability[]).filter((capability) => has[capability]), ...spec.fixtures.flatMap(fixtureNames)];
};

/** `lora-antenna:868` is a `lora-antenna` too. */
const fixtureNames = (fixture: string): readonly Capability[] => {
	const [name = fixture] = fixture.split(':');
	return [...new Set([`fixture:${fixture}`, `fixture:${name}`] as const)];
};
