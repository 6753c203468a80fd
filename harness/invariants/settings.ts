import { DeviceTable } from './device-table.js';
import { createFindings } from './findings.js';
import { createInvariant, type Invariant } from './invariant.js';
import { shortDigest } from './release-book.js';

/**
 * Configuration and credentials survive update, rollback and cuts, readable by what runs.
 *
 * The confirmed image reads what it last had; an image on trial reads that too, until it changes (migrates) the settings for
 * itself. A revert brings back what was there before the trial; a confirm makes the trial's settings the device's. What a
 * reverted image had migrated may serve the next trial, as long as the confirmed image has not changed its own since.
 * Checks are the boots of a device after its first.
 */
export const createSettings = (): Invariant => {
	const findings = createFindings('settings');
	const devices = new DeviceTable<SettingsState>();
	const judge = (event: SettingsEvent, expected: string): void => {
		if (event.settings === expected) return;
		const came = event.settings === 'unreadable' ? 'they are unreadable' : `${shortDigest(event.settings)} came`;
		findings.violate(event, `settings ${shortDigest(expected)} were expected, ${came}`);
	};
	return createInvariant(findings, {
		handlers: {
			'device-provisioned': ({ device, digest, settings }) =>
				devices.provision(device, { confirmed: digest, running: digest, own: settings, migrated: undefined, leftOver: undefined, booted: false }),
			'device-trial-requested': (event) => {
				endTrial(devices.of(event));
			},
			'device-settings-changed': (event) => {
				const state = devices.of(event);
				if (state.running === state.confirmed) setOwn(state, event.settings);
				else state.migrated = event.settings;
			},
			'device-confirmed': (event) => {
				const state = devices.of(event);
				if (event.digest === state.confirmed) return;
				state.confirmed = event.digest;
				if (state.migrated !== undefined) setOwn(state, state.migrated);
			},
			// Whoever writes a slot over leaves the settings where they are.
			'device-flashed': (event) => {
				if (event.runs) devices.of(event).confirmed = event.digest;
			},
			'device-boot': (event) => {
				const state = devices.of(event);
				if (state.booted) findings.check();
				state.booted = true;
				state.running = event.digest;
				if (state.running !== state.confirmed && state.migrated === undefined && event.settings === state.leftOver) state.migrated = event.settings;
				judge(event, expectedSettings(state));
			},
			'device-audit': (event) => {
				// Where nothing runs, nothing reads: that is for `bootable`.
				if (event.running !== null) judge(event, expectedSettings(devices.of(event)));
			},
		},
	});
};

const endTrial = (state: SettingsState): void => {
	state.leftOver = state.migrated ?? state.leftOver;
	state.migrated = undefined;
};

const setOwn = (state: SettingsState, settings: string): void => {
	state.own = settings;
	state.migrated = undefined;
	state.leftOver = undefined;
};

const expectedSettings = ({ running, confirmed, own, migrated }: SettingsState): string => (running === confirmed ? own : (migrated ?? own));

type SettingsEvent = { readonly at: number; readonly device: string; readonly settings: string };

interface SettingsState {
	confirmed: string;
	running: string;
	/** What the confirmed image should read. */
	own: string;
	/** What the image on trial should read, once it has changed it. */
	migrated: string | undefined;
	/** What a trial that ended had migrated. */
	leftOver: string | undefined;
	booted: boolean;
}
