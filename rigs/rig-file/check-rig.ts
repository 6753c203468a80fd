import { nearestName } from '../../harness/text/index.js';
import type { WrongKey } from '../../harness/text/yaml/index.js';
import { resourcesOf } from './resources.js';
import type { BoardData, RigData } from './rig-schema.js';
import { Secret } from './secret.js';

/** The parts of a rig file that are right by themselves. */
export interface RigParts {
	readonly boards: ReadonlyMap<string, BoardData>;
	readonly groups: RigData['groups'];
	readonly broker: RigData['broker'];
	/** Names of all boards, right or wrong. */
	readonly boardNames: readonly string[];
}

/** What is wrong between the keys of a rig file that each are right. */
export const checkRig = (parts: RigParts, { environment }: { readonly environment: Readonly<Record<string, string | undefined>> }): readonly WrongKey[] => [
	...checkResources(parts),
	...checkWiring(parts),
	...checkGroups(parts),
	...checkSecrets(parts, environment),
];

const checkResources = ({ boards, broker }: RigParts): readonly WrongKey[] => {
	const wrong: WrongKey[] = [];
	const owners = new Map<string, { readonly board: string; readonly key: string; readonly sharedAs: string | undefined }>();
	for (const [board, data] of boards) {
		for (const { id, what, path, sharedAs } of resourcesOf(data, { broker })) {
			const owner = owners.get(id);
			if (owner === undefined) owners.set(id, { board, key: path.join('.'), sharedAs });
			else if (owner.sharedAs === undefined || owner.sharedAs !== sharedAs) {
				// A flasher may go over the console's port of its own board.
				if (owner.board === board && sharedAs === 'console') continue;
				const whose = owner.board === board ? `its ${owner.key} already` : `${owner.board}'s (${owner.key})`;
				wrong.push({ path: ['boards', board, ...path], message: `something of its own was expected, got ${what}, which is ${whose}` });
			}
		}
	}
	return wrong;
};

/** What a board of its backend must and cannot have. */
const checkWiring = ({ boards, broker }: RigParts): readonly WrongKey[] => {
	const wrong: WrongKey[] = [];
	for (const [name, { backend, serial, power, virtual, lines }] of boards) {
		const at = (...path: readonly string[]): readonly string[] => ['boards', name, ...path];
		const console = serial?.console;
		if (backend === 'real' && console?.match === undefined && console?.path === undefined) {
			wrong.push({
				path: at(...(console === undefined ? [] : ['serial', 'console'])),
				message: 'the port of its console was expected (serial: { console: { match: { usbPath: 1-1.2 } } }), got none',
			});
		}
		if (backend !== 'real' && (console?.match !== undefined || console?.path !== undefined)) {
			wrong.push({ path: at('serial', 'console'), message: `a board with backend ${backend} makes its console itself: no port was expected, got one` });
		}
		if (backend !== 'real' && (lines.reset !== undefined || lines.boot !== undefined)) {
			wrong.push({ path: at('lines'), message: `a board with backend ${backend} brings its lines itself: none were expected` });
		}
		if (backend === 'real' && virtual !== undefined)
			wrong.push({ path: at('virtual'), message: 'it is for boards with backend: virtual or qemu, this one is real' });
		if (power === undefined) continue;
		if ((power.driver === 'virtual') !== (backend !== 'real')) {
			const message =
				backend === 'real'
					? `a driver for a board with backend real was expected, got ${power.driver}`
					: `the driver virtual was expected of a board with backend ${backend}, got ${power.driver}`;
			wrong.push({ path: at('power', 'driver'), message });
		}
		if ((power.driver === 'tasmota-mqtt' || power.driver === 'shelly-mqtt') && power.broker === undefined && broker === undefined) {
			wrong.push({
				path: at('power', 'broker'),
				message: 'the broker of the plug was expected, here or for the whole rig (broker: { url: mqtt://127.0.0.1:1883 }), got none',
			});
		}
		if (power.driver === 'serial-relay' && power.match === undefined && power.path === undefined) {
			wrong.push({ path: at('power', 'match'), message: 'the serial port of the relay was expected (match: { usbPath: 1-1.3 }), got none' });
		}
	}
	return wrong;
};

const checkGroups = ({ groups, boardNames }: RigParts): readonly WrongKey[] =>
	Object.entries(groups).flatMap(([group, members]) =>
		members.flatMap((member, index) => {
			const path = ['groups', group, index];
			if (members.indexOf(member) !== index) return [{ path, message: `every board once was expected, got ${member} again` }];
			if (boardNames.includes(member)) return [];
			const near = nearestName(member, boardNames);
			return [
				{ path, message: `a board of the rig was expected (${boardNames.join(', ')}), got ${member}${near === undefined ? '' : `; did you mean ${near}?`}` },
			];
		}),
	);

const checkSecrets = ({ boards, broker }: RigParts, environment: Readonly<Record<string, string | undefined>>): readonly WrongKey[] => {
	const found = [...boards].flatMap(([name, { power, network }]) => [
		...secretsIn(power, ['boards', name, 'power']),
		...secretsIn(network, ['boards', name, 'network']),
	]);
	return [...found, ...secretsIn(broker, ['broker'])].flatMap(({ secret, path }) =>
		secret.isSet(environment) ? [] : [{ path, message: `the environment variable ${secret.variable} was expected to hold it, it is not set` }],
	);
};

const secretsIn = (value: unknown, path: readonly PropertyKey[]): readonly { readonly secret: Secret; readonly path: readonly PropertyKey[] }[] => {
	if (value instanceof Secret) return [{ secret: value, path }];
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, inner]) => secretsIn(inner, [...path, key]));
};
