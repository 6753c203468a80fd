import { DeviceTable } from './device-table.js';
import { createFindings, type Findings } from './findings.js';
import { createInvariant, type EventOf, type Invariant } from './invariant.js';
import { ReleaseBook } from './release-book.js';

/**
 * An unconfirmed image is reverted; a confirmed one never is. Only the confirmed image and the one that was put on trial
 * boot, the latter only as a trial; only an image that ran its trial is confirmed, and not in the instant of its boot; nothing unconfirmed runs at the end.
 *
 * A bootloader that lost its record may put what it cannot tell apart on trial again (a boot that is both trial and return):
 * the confirmed image, or one that it had given up; the device must end confirmed all the same. One that tries nothing runs
 * what was asked for at once and for good.
 * Bytes that nobody released are left to `whole`. Checks are the boots of devices for which a trial was ever requested.
 */
export const createTrial = (): Invariant => {
	const findings = createFindings('trial');
	const releases = new ReleaseBook();
	const devices = new DeviceTable<TrialState>();
	const judge: TrialJudge = { findings, releases };
	return createInvariant(findings, {
		handlers: {
			'release-published': (event) => releases.publish(event),
			'device-provisioned': ({ device, digest }) => devices.provision(device, createTrialState(digest)),
			'device-trial-requested': (event) => {
				const state = devices.of(event);
				state.everOnTrial = true;
				state.runsForGood = event.runsForGood === true;
				state.trial = event.digest;
				state.tried = false;
			},
			'device-flashed': (event) => {
				const state = devices.of(event);
				if (!event.runs) return;
				state.everOnTrial = true;
				// Where what was written cannot run, the image before it is all that is left, and has to prove itself anew.
				state.givenUp = state.before;
				state.confirmed = event.digest;
			},
			'device-boot': (event) => {
				const state = devices.of(event);
				if (state.everOnTrial) findings.check();
				if (releases.isReleased(event.digest)) judgeBoot(judge, { event, state });
				followBoot(state, event);
			},
			'device-confirmed': (event) => {
				const state = devices.of(event);
				if (releases.isReleased(event.digest)) judgeConfirm(judge, { event, state });
				if (event.digest !== state.confirmed) state.before = state.confirmed;
				state.confirmed = event.digest;
				state.givenUp = undefined;
				if (event.digest === state.trial) state.trial = undefined;
			},
			'device-audit': (event) => {
				const { running } = event;
				if (running === null || !releases.isReleased(running)) return;
				const state = devices.of(event);
				if (!event.confirmed) findings.violate(event, `still runs ${releases.describe(running)} unconfirmed when the world closes`);
				else if (running === state.trial && running !== state.confirmed)
					findings.violate(event, `holds ${releases.describe(running)} for confirmed, and no running image confirmed it`);
			},
		},
	});
};

const judgeBoot = ({ findings, releases }: TrialJudge, { event, state }: { event: EventOf<'device-boot'>; state: TrialState }): void => {
	const { digest, reverted, trial } = event;
	if (digest === state.confirmed || isRetrial(state, event)) return;
	const image = releases.describe(digest);
	if (reverted && digest !== state.trial) findings.violate(event, `reverted to ${image}, although ${releases.describe(state.confirmed)} is confirmed`);
	else if (digest !== state.trial)
		findings.violate(event, `boots ${image}, which is neither confirmed nor on trial: ${releases.describe(state.confirmed)} is confirmed`);
	else if (!trial && !state.runsForGood) findings.violate(event, `boots ${image} for good, although it never was confirmed`);
};

const judgeConfirm = ({ findings, releases }: TrialJudge, { event, state }: { event: EventOf<'device-confirmed'>; state: TrialState }): void => {
	const { digest } = event;
	if (digest === state.confirmed) return;
	if (digest !== state.trial) findings.violate(event, `confirmed ${releases.describe(digest)}, which is not on trial`);
	else if (!state.tried) findings.violate(event, `confirmed ${releases.describe(digest)} before it ever ran`);
	else if (event.at <= state.bootedAt && !state.runsForGood)
		findings.violate(event, `confirmed ${releases.describe(digest)} at its first instruction, before it could show anything`);
};

/** Keeps the state in step with a boot, right or wrong. */
const followBoot = (state: TrialState, event: EventOf<'device-boot'>): void => {
	if (isRetrial(state, event)) state.trial = event.digest;
	if (event.digest === state.trial) {
		state.tried = true;
		state.bootedAt = event.at;
	} else if (event.reverted && state.trial !== undefined) {
		state.givenUp = state.trial;
		state.trial = undefined;
	}
};

const isRetrial = ({ givenUp }: TrialState, { digest, trial, reverted }: EventOf<'device-boot'>): boolean => trial && reverted && digest === givenUp;

const createTrialState = (confirmed: string): TrialState => ({
	confirmed,
	trial: undefined,
	tried: false,
	bootedAt: 0,
	givenUp: undefined,
	before: undefined,
	everOnTrial: false,
	runsForGood: false,
});

interface TrialJudge {
	readonly findings: Findings;
	readonly releases: ReleaseBook;
}

interface TrialState {
	confirmed: string;
	trial: string | undefined;
	/** Whether the image on trial has booted since the request. */
	tried: boolean;
	/** When it last booted. */
	bootedAt: number;
	/** The image whose trial ended in a revert. */
	givenUp: string | undefined;
	/** The image that was confirmed before the one that is. */
	before: string | undefined;
	everOnTrial: boolean;
	/** What was asked for last is not tried. */
	runsForGood: boolean;
}
