import test from 'ava';
import { FLEET_PROFILES, type Profile } from '../device/index.js';
import { Deal } from './deal.js';

const [sensor, meter, gateway] = FLEET_PROFILES as [Profile, Profile, Profile];

const deal = (places: ConstructorParameters<typeof Deal>[0], count: number): readonly string[] => {
	const dealing = new Deal(places);
	return Array.from({ length: count }, () => dealing.next()).map(({ id, place }) => `${id} ${place.profile.name}`);
};

test('places of one share take turns', (t) => {
	const places = [sensor, meter, gateway].map((profile) => ({ profile, share: 1 }));
	t.deepEqual(deal(places, 4), ['device-00001 sensor', 'device-00002 meter', 'device-00003 gateway', 'device-00004 sensor']);
	const many = deal(places, 3_000).map((text) => text.split(' ')[1]);
	t.deepEqual(
		many,
		Array.from({ length: 3_000 }, (_, index) => [sensor, meter, gateway][index % 3]?.name),
	);
});

test('every number of devices is within one of its shares', (t) => {
	const places = [
		{ profile: sensor, share: 4 },
		{ profile: meter, share: 1 },
		{ profile: gateway, share: 0.5 },
	];
	for (let count = 1; count <= 200; count++) {
		const dealt = deal(places, count);
		for (const { profile, share } of places) {
			const got = dealt.filter((text) => text.endsWith(profile.name)).length;
			t.true(Math.abs(got - (share / 5.5) * count) <= 1, `${got} ${profile.name} of ${count}`);
		}
	}
});

test('named devices come first, and a fleet of named ones has no others', (t) => {
	const places = [
		{ profile: sensor, share: 1 },
		{ profile: meter, share: 1, devices: ['m-1', 'm-2'] },
	];
	t.deepEqual(deal(places, 4), ['m-1 meter', 'm-2 meter', 'device-00003 sensor', 'device-00004 sensor']);
	t.throws(() => deal([{ profile: meter, share: 1, devices: ['m-1'] }], 2), { instanceOf: RangeError, message: /at most 1, which the places name/ });
});
