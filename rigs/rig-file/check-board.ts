import type { WrongKey } from '../../harness/text/yaml/index.js';
import type { BoardSpec, PowerDriver } from './rig-file.js';

/** What is wrong between a board and its type, or between keys of it that each are right. */
export const checkBoard = (spec: BoardSpec): readonly WrongKey[] =>
	[...checkOrder(spec), ...checkSense(spec), ...checkBackfeed(spec), ...checkUpdates(spec), ...checkNetwork(spec)].map(({ path, message }) => ({
		path: ['boards', spec.name, ...path],
		message,
	}));

/** A flasher has its port to itself while it works: a console on it must let go first. */
const checkOrder = ({ type, flasher, console }: BoardSpec): readonly WrongKey[] => {
	if (type.order !== 'console-first' || flasher?.sharesConsole !== true) return [];
	const message = `a port of its own was expected for ${flasher.tool} (flasher: { match: { usbPath: 1-1.2 } }), or a type with order: flasher-first: it goes over the console's, which order: console-first of ${type.type} keeps open`;
	return [{ path: console.address.kind === 'usb' ? ['serial', 'console', 'match'] : ['type'], message }];
};

/** Supplies that are told and say nothing. */
const MUTE: readonly PowerDriver[] = ['gpio-relay', 'serial-relay', 'command', 'virtual'];

const checkSense = ({ power }: BoardSpec): readonly WrongKey[] =>
	power?.sense.kind === 'driver' && MUTE.includes(power.driver)
		? [
				{
					path: ['power', 'sense', 'kind'],
					message: `gpio-in, ina219, command, console-silence or none was expected: a supply with driver ${power.driver} does not say how it is, got driver`,
				},
			]
		: [];

const checkBackfeed = ({ power, lines, console, type }: BoardSpec): readonly WrongKey[] =>
	(power?.backfeed ?? []).flatMap((name, index) => {
		const path = ['power', 'backfeed', index];
		if (name !== 'console') return lines[name] === undefined ? [{ path, message: `a line that the board has was expected, lines.${name} is not named` }] : [];
		if (console.lines !== 'none') return [];
		return [
			{ path, message: `a console whose transmit line can be held low was expected, its lines are none (serial.console.lines, or those of ${type.type})` },
		];
	});

const checkUpdates = ({ updates, type }: BoardSpec): readonly WrongKey[] =>
	updates.flatMap((way, index) =>
		type.updates.includes(way)
			? []
			: [{ path: ['updates', index], message: `one of the ways of ${type.type} was expected (${type.updates.join(', ') || 'it has none'}), got ${way}` }],
	);

const checkNetwork = ({ network, type }: BoardSpec): readonly WrongKey[] => {
	if (type.network !== undefined || (network.client === undefined && network.secret === undefined)) return [];
	return [{ path: ['network'], message: `a type with a network of its own was expected (network: { lines, taken }), ${type.type} has none` }];
};
