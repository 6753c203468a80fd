import { nearestName } from '../../text/index.js';
import type { WrongKey } from '../../text/yaml/index.js';
import type { CampaignPlan, MaintenanceWindow } from './plan-schema.js';

/** What is wrong between the keys of a plan that each are right. */
export const checkPlan = (plan: CampaignPlan): readonly WrongKey[] => [
	...checkInventory(plan),
	...checkNames(plan),
	...checkDependencies(plan),
	...checkWindows(plan),
	...checkHardware(plan),
];

const checkInventory = ({ inventory }: CampaignPlan): readonly WrongKey[] => {
	const wrong: WrongKey[] = [];
	const groups = new Set<string>();
	const devices = new Map<string, string>();
	for (const [index, entry] of inventory.entries()) {
		if (groups.has(entry.group)) wrong.push({ path: ['inventory', index, 'group'], message: `every group once was expected, got ${entry.group} again` });
		groups.add(entry.group);
		for (const [at, { id }] of (entry.devices ?? []).entries()) {
			const other = devices.get(id);
			if (other !== undefined)
				wrong.push({ path: ['inventory', index, 'devices', at], message: `every device in one group was expected, got ${id}, which ${other} lists` });
			devices.set(id, entry.group);
		}
	}
	return wrong;
};

/** Groups and segments are used by the names that the inventory gives them. */
const checkNames = ({ inventory, targets, dependencies, windows }: CampaignPlan): readonly WrongKey[] => {
	const groups = inventory.map(({ group }) => group);
	const segments = [...new Set(inventory.flatMap(({ segment, devices }) => [segment, ...(devices ?? []).map((device) => device.segment)]))].filter(
		(segment) => segment !== undefined,
	);
	const wrong: WrongKey[] = [];
	const expect = (
		value: string | undefined,
		options: { readonly known: readonly string[]; readonly what: string; readonly path: readonly PropertyKey[] },
	): void => {
		if (value === undefined || options.known.includes(value)) return;
		const near = nearestName(value, options.known);
		const message = `a ${options.what} of the inventory was expected (${options.known.join(', ') || 'it has none'}), got ${value}`;
		wrong.push({ path: options.path, message: near === undefined ? message : `${message}; did you mean ${near}?` });
	};
	const expectAll = (
		selection: { readonly groups?: readonly string[] | undefined; readonly segments?: readonly string[] | undefined },
		path: readonly PropertyKey[],
	): void => {
		for (const [index, value] of (selection.groups ?? []).entries()) expect(value, { known: groups, what: 'group', path: [...path, 'groups', index] });
		for (const [index, value] of (selection.segments ?? []).entries()) expect(value, { known: segments, what: 'segment', path: [...path, 'segments', index] });
	};
	expectAll(targets, ['targets']);
	for (const [index, window] of windows.entries()) expectAll(window, ['windows', index]);
	for (const [index, { first, then, together }] of dependencies.entries()) {
		expect(first, { known: groups, what: 'group', path: ['dependencies', index, 'first'] });
		expect(then, { known: groups, what: 'group', path: ['dependencies', index, 'then'] });
		for (const [at, value] of (together ?? []).entries()) expect(value, { known: groups, what: 'group', path: ['dependencies', index, 'together', at] });
	}
	return wrong;
};

const checkDependencies = ({ dependencies }: CampaignPlan): readonly WrongKey[] => {
	const wrong: WrongKey[] = [];
	const after = new Map<string, string[]>();
	/** Groups that go together are one, so that an order among them is a circle. */
	const names = new Map<string, string>();
	const nameOf = (group: string): string => {
		const name = names.get(group);
		return name === undefined || name === group ? group : nameOf(name);
	};
	for (const { together } of dependencies) for (const group of together?.slice(1) ?? []) names.set(nameOf(group), nameOf(together?.[0] ?? group));
	for (const [index, { first, then, together }] of dependencies.entries()) {
		const path = ['dependencies', index];
		const isOrder = first !== undefined && then !== undefined && together === undefined;
		const isUnion = first === undefined && then === undefined && together !== undefined;
		if (!isOrder && !isUnion) {
			wrong.push({ path, message: 'first and then, or together alone, was expected' });
			continue;
		}
		if (!isOrder) continue;
		const [from, to] = [nameOf(first), nameOf(then)];
		if (reaches(after, { from: to, to: from }))
			wrong.push({ path, message: `an order without a circle was expected, got ${first} before ${then} and after it` });
		else after.set(from, [...(after.get(from) ?? []), to]);
	}
	return wrong;
};

const reaches = (after: ReadonlyMap<string, readonly string[]>, { from, to }: { readonly from: string; readonly to: string }): boolean =>
	from === to || (after.get(from) ?? []).some((next) => reaches(after, { from: next, to }));

const checkWindows = ({ windows, updateTakes }: CampaignPlan): readonly WrongKey[] =>
	windows.flatMap((window, index) => {
		const lengthMs = windowLengthMs(window);
		if (lengthMs >= updateTakes) return [];
		return [
			{
				path: ['windows', index],
				message: `a window in which an update fits was expected (updateTakes is ${updateTakes / 60_000} minutes), got ${lengthMs / 60_000} minutes`,
			},
		];
	});

/** On a day without a change of the clock. */
const windowLengthMs = ({ from, to }: MaintenanceWindow): number => (to > from ? to - from : to + 1440 - from) * 60_000;

/** Hardware that the plan speaks of is hardware that its inventory has. */
const checkHardware = ({ inventory, release, targets, compatibility }: CampaignPlan): readonly WrongKey[] => {
	const known = [...new Set(inventory.flatMap(({ hardware, devices }) => [hardware, ...(devices ?? []).flatMap((device) => device.hardware ?? [])]))];
	const expect = (value: string, path: readonly PropertyKey[]): readonly WrongKey[] => {
		if (known.includes(value)) return [];
		const near = nearestName(value, known);
		return [
			{ path, message: `hardware of the inventory was expected (${known.join(', ')}), got ${value}${near === undefined ? '' : `; did you mean ${near}?`}` },
		];
	};
	return [
		...Object.keys(release?.images ?? {}).flatMap((value) => expect(value, ['release', 'images', value])),
		...(targets.hardware ?? []).flatMap((value, index) => expect(value, ['targets', 'hardware', index])),
		...compatibility.flatMap((rule, index) => (rule.hardware ?? []).flatMap((value, at) => expect(value, ['compatibility', index, 'hardware', at]))),
	];
};
