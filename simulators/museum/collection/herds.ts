import type { Exhibit } from '../exhibit.js';
import { agents, installations, reconnects, reports, services } from '../parts/index.js';

/** What makes a fleet, or two clients, move in step. */
export const HERDS: readonly Exhibit[] = [
	{
		name: 'dials-as-soon-as-it-boots',
		bug: 'a device dials as soon as it has booted, with every other that got its power back at that moment',
		incident: 'teleport#6889: the whole fleet is back at one moment; freenet#3210',
		story: 'power-back-everywhere',
		invariant: 'gentle',
		parts: { device: { firstDialDelayMs: reconnects.dialOnceBooted } },
	},
	{
		name: 'reports-once-booted',
		bug: 'the timer of the periodic report begins at the boot: devices that booted together report together for ever',
		incident: 'fleetdm#3271: the echo comes back every interval',
		story: 'power-back-everywhere',
		invariant: 'gentle',
		parts: { device: { firstReportDelayMs: reports.aPeriodAfterTheBoot } },
	},
	{
		name: 'reports-on-the-full-hour',
		bug: 'every device makes its periodic report at the same moment of the clock',
		incident: "hertzbeat#4328; hawkBit's SDK simulator polls without jitter",
		story: 'power-back-everywhere',
		invariant: 'gentle',
		parts: { device: { firstReportDelayMs: reports.onTheFullPeriod } },
	},
	{
		name: 'begins-anew-with-every-answer',
		bug: 'a device whose place another client takes dials again after a second each time, because the service had answered it',
		incident: 'emqx#151, emqx#935, MQTT.js#684, MQTT.js#1585, mosquitto#631: takeover ping-pong',
		story: 'cloned-device',
		invariant: 'gentle',
		parts: { device: { provedItself: reconnects.provedByAnAnswer } },
	},
	{
		name: 'presence-by-the-last-word',
		bug: 'a service believes the message about a connection that came last, the will of a dead session too',
		incident: 'harper#1604: the will of the old session arrives after the new one is online',
		story: 'reboot-behind-a-dead-connection',
		invariant: 'truthful',
		parts: { openCloud: services.openLastWordService },
	},
	{
		name: 'sessions-counted-from-the-boot',
		bug: 'a device counts its sessions anew after each boot: what it says of the new one is older than what is known',
		incident: 'harper#1604; MQTT 3.1.1 leaves the order of wills and sessions to the application',
		story: 'reboot-behind-a-dead-connection',
		invariant: 'truthful',
		parts: { device: { presence: reports.presenceOfThisBoot } },
	},
	{
		name: 'will-that-says-online',
		bug: 'the last will of a device says what the device says itself: that it is online',
		incident: 'MQTT 3.1.1, 3.1.2.5: a will says what it was given to say',
		story: 'region-gone-for-good',
		invariant: 'truthful',
		parts: { device: { presence: reports.alwaysOnline } },
	},
	{
		name: 'installs-what-a-notice-brings',
		bug: 'an agent carries out every notice as it comes: one that the broker had kept is installed although its job was taken back',
		incident: 'homie-esp8266#346: a kept session replays commands for the old firmware to the new one',
		story: 'notices-kept-for-a-return',
		invariant: 'once',
		parts: { device: { heedNotice: agents.installFromNotice, createInstallation: installations.createStubbornInstallation } },
	},
];
