import type { Check, Finding } from './finding.js';

/** Programs that take a new serial port for themselves. */
const PORT_GRABBERS: Readonly<Record<string, { readonly harm: string; readonly remedy: string }>> = {
	ModemManager: {
		harm: 'it opens new ttyACM ports for about ten seconds and sends them AT commands',
		remedy:
			'sudo systemctl disable --now ModemManager, or a udev rule ENV{ID_MM_DEVICE_IGNORE}="1" for your adapters (under its strict filter policy the rule is ignored)',
	},
	brltty: { harm: 'it takes CH340 and CP210x adapters for braille displays', remedy: 'sudo apt-get remove brltty' },
};

export const checkPortGrabbers: Check = ({ host }) => {
	const running = new Set(host.list('proc').flatMap((name) => (/^\d+$/.test(name) ? [host.readText(`proc/${name}/comm`) ?? ''] : [])));
	return Object.entries(PORT_GRABBERS).map(
		([program, { harm, remedy }]): Finding =>
			running.has(program) ? { state: 'wrong', what: `${program} runs: ${harm}`, remedy } : { state: 'good', what: `${program} does not run` },
	);
};

const GOOD_LATENCY_MS = 1;

/** Every cut that the console triggers is late by up to that. */
export const checkFtdiLatency: Check = ({ ports }) =>
	ports.flatMap(({ path, latencyMs }): readonly Finding[] => {
		if (latencyMs === undefined) return [];
		if (latencyMs <= GOOD_LATENCY_MS) return [{ state: 'good', what: `${path}: bytes wait ${latencyMs} ms at most for company` }];
		const name = path.slice('/dev/'.length);
		return [
			{
				state: 'doubtful',
				what: `${path}: bytes wait up to ${latencyMs} ms for company, so cuts that the console triggers are late by as much`,
				remedy: `echo 1 | sudo tee /sys/bus/usb-serial/devices/${name}/latency_timer; for good, a udev rule: ACTION=="add", SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", ATTR{latency_timer}="1"`,
			},
		];
	});

/** Asked of `stty` where that is called for: to ask is to open the port, which raises DTR and resets many a board. */
export const createHupclCheck =
	({ opensPorts }: { readonly opensPorts: boolean }): Check =>
	async ({ host, ports }) => {
		const installed = await host.run('stty', ['--version']);
		if (installed === undefined) {
			return [
				{
					state: 'wrong',
					what: 'stty is not installed, so HUPCL cannot be cleared: closing a port drops DTR, which resets many a board',
					remedy: 'sudo apt-get install coreutils',
				},
			];
		}
		if (!opensPorts) {
			return [
				{
					state: 'good',
					what: 'stty is there to clear HUPCL when a console is opened (--open-ports asks each port how it stands now: that raises DTR and may reset boards)',
				},
			];
		}
		return Promise.all(
			ports.map(async ({ path }): Promise<Finding> => {
				const settings = await host.run('stty', ['-F', path, '-a']);
				if (settings?.exitCode !== 0)
					return { state: 'wrong', what: `${path} cannot be opened: ${settings?.stderr.trim() ?? ''}`, remedy: 'see who has it: sudo fuser -v PORT' };
				if (/(^|\s)-hupcl/.test(settings.stdout)) return { state: 'good', what: `${path}: DTR stays when it is closed (HUPCL is cleared)` };
				return { state: 'doubtful', what: `${path}: DTR drops when it is closed by other programs (HUPCL is set)`, remedy: `stty -F ${path} -hupcl` };
			}),
		);
	};

export const checkUdev: Check = ({ host, ports }) => {
	const usb = ports.filter((port) => port.usb !== undefined);
	if (usb.length === 0 || usb.some(({ stablePaths }) => stablePaths.length > 0))
		return [{ state: 'good', what: 'ports are found by sysfs, which needs no udev' }];
	return [
		{
			state: 'doubtful',
			what: `${usb.length} USB serial ports and nothing below /dev/serial: udev does not run here${host.status('run/udev') === undefined ? '' : ', or lacks its rules'}`,
			remedy:
				'rig files that match by usbPath work all the same; for rules of your own (latency, groups) install udev, or pass /dev and /run/udev into the container',
		},
	];
};
