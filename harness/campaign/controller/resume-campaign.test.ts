import test from 'ava';
import type { Course } from '../scripted-service.js';
import { CampaignKilledError, type CampaignStore, createMemoryStore, runCampaign } from './index.js';
import { FAILS, MINUTE_MS, NIGHT, planWith, play, playWith, SUCCEEDS } from './play-campaign.test.support.js';

class Kill extends Error {}

/** A store and a platform that die at the nth thing done to them, before or after it is done. */
const dyingRun =
	(kills: readonly number[], store: CampaignStore): typeof runCampaign =>
	async (options) => {
		let done = 0;
		for (let life = 0; ; life++) {
			const killAt = kills[life] ?? Number.POSITIVE_INFINITY;
			done = 0;
			const step = (): void => {
				if (++done === killAt) throw new Kill('killed');
			};
			const platform = new Proxy(options.platform, {
				get: (target, key) => {
					const value: unknown = Reflect.get(target, key);
					if (key === 'deploy')
						return async (job: Parameters<typeof target.deploy>[0]) => {
							step();
							await target.deploy(job);
							step();
						};
					return typeof value === 'function' ? value.bind(target) : value;
				},
			});
			const dying: CampaignStore = {
				load: () => store.load(),
				save: (state) => {
					step();
					store.save(state);
					step();
				},
			};
			try {
				return await runCampaign({ ...options, platform, store: dying });
			} catch (error) {
				if (!(error instanceof Kill)) throw error;
			}
		}
	};

const RESUMED_SCRIPT = (device: string, name: string): Course => {
	if (name === 'v1') return SUCCEEDS;
	return device === 'd-005' || device === 'd-008' || device === 'd-010' ? FAILS : SUCCEEDS;
};

for (const [title, lines] of [
	['a campaign that completes', ['gates: { failures: 60% }', 'soak: 20m']],
	['a campaign that rolls back', ['gates: { failures: 10% }', 'rollback: at-once', 'pilot: 6']],
] as const) {
	test.serial(`${title} ends the same wherever its controller is killed, and nobody is sent a job twice`, async (t) => {
		const plan = planWith(...lines);
		const whole = await play({ plan, script: RESUMED_SCRIPT });
		let killed = 0;
		for (let at = 1; ; at++) {
			let lives = 0;
			const store = createMemoryStore();
			const run = dyingRun([at, 3], store);
			const { outcome, platform, said } = await playWith({ plan, script: RESUMED_SCRIPT }, run);
			lives = said('resumed').length;
			t.like(
				outcome,
				{ outcome: whole.outcome.outcome, succeeded: whole.outcome.succeeded, failed: whole.outcome.failed, sentBack: whole.outcome.sentBack },
				`killed at ${at}`,
			);
			for (const name of ['v1', 'v2']) {
				const sent = platform.service.deployed.filter(({ release }) => release === name).flatMap(({ devices }) => devices);
				t.is(new Set(sent).size, sent.length, `killed at ${at}: ${name} was sent twice`);
			}
			if (lives === 0 && at > 3) break;
			killed++;
		}
		t.true(killed > 10, `${killed} places`);
	});
}

test.serial('a controller that is killed by its signal stops at once, and another one goes on', async (t) => {
	const store = createMemoryStore();
	const killer = new AbortController();
	const killed = play({ options: { store, signal: killer.signal }, before: ({ after }) => after(7 * MINUTE_MS, () => killer.abort()) });
	await t.throwsAsync(killed, { instanceOf: CampaignKilledError });
	t.is(store.load()?.waves[0]?.decision, 'go');
});

test.serial('a state of another plan is refused, one that has ended is told again', async (t) => {
	const store = createMemoryStore();
	const first = await play({ options: { store } });
	await t.throwsAsync(play({ plan: planWith('pilot: 4'), options: { store } }), { instanceOf: RangeError, message: /one of campaign camp that differs/ });
	const again = await play({ options: { store } });
	t.deepEqual(again.outcome, first.outcome);
	t.deepEqual(again.platform.service.deployed, []);
});

test.serial('two runs of one seed tell the same, event by event', async (t) => {
	const given = { script: RESUMED_SCRIPT, plan: planWith(...NIGHT, 'gates: { failures: 60% }') };
	t.deepEqual((await play(given)).events, (await play(given)).events);
});
