import type { FlasherTool, RigFile } from '../../rig-file/index.js';
import type { Check, Finding } from './finding.js';

interface Program {
	readonly name: string;
	readonly versionArgs: readonly string[];
	readonly remedy: string;
	/** What it is for, and whether a rig asks for it. */
	readonly use: string;
	readonly isNeeded: (rig: RigFile) => boolean;
}

const flashes = (tool: FlasherTool) => (rig: RigFile) => rig.boards.some(({ flasher }) => flasher?.tool === tool);

const PROGRAMS: readonly Program[] = [
	{
		name: 'uhubctl',
		versionArgs: ['-v'],
		remedy: 'sudo apt-get install uhubctl',
		use: 'power by USB hub ports',
		isNeeded: ({ boards }) => boards.some(({ power }) => power?.driver === 'uhubctl'),
	},
	{
		name: 'i2cget',
		versionArgs: ['-V'],
		remedy: 'sudo apt-get install i2c-tools',
		use: 'current sensors on I2C',
		isNeeded: ({ boards }) => boards.some(({ power }) => power?.sense.kind === 'ina219'),
	},
	{ name: 'esptool', versionArgs: ['version'], remedy: 'pipx install esptool', use: 'flashing ESP chips', isNeeded: flashes('esptool') },
	{ name: 'openocd', versionArgs: ['--version'], remedy: 'sudo apt-get install openocd', use: 'flashing by debug probe', isNeeded: flashes('openocd') },
	{ name: 'pyocd', versionArgs: ['--version'], remedy: 'pipx install pyocd', use: 'flashing by debug probe', isNeeded: flashes('pyocd') },
	{ name: 'dfu-util', versionArgs: ['--version'], remedy: 'sudo apt-get install dfu-util', use: 'flashing by USB DFU', isNeeded: flashes('dfu-util') },
	{ name: 'st-flash', versionArgs: ['--version'], remedy: 'sudo apt-get install stlink-tools', use: 'flashing by ST-Link', isNeeded: flashes('st-flash') },
	{ name: 'avrdude', versionArgs: ['-?'], remedy: 'sudo apt-get install avrdude', use: 'flashing AVR chips', isNeeded: flashes('avrdude') },
];

/** Programs that drivers run: needed where the rig says so. */
export const checkPrograms: Check = ({ host, rig }) =>
	Promise.all(
		PROGRAMS.map(async ({ name, versionArgs, remedy, use, isNeeded }): Promise<Finding> => {
			const found = await host.run(name, versionArgs);
			if (found !== undefined) return { state: 'good', what: `${name} is installed (${use})` };
			return { state: rig !== undefined && isNeeded(rig) ? 'wrong' : 'absent', what: `${name} is not installed (${use})`, remedy };
		}),
	);

/** The single environment copy of U-Boot on `-M virt` needs a flash that earlier versions cannot program. */
const QEMU_MAJOR = 10;

export const checkQemu: Check = async ({ host, rig }) => {
	const isNeeded = rig?.boards.some(({ backend }) => backend === 'qemu') === true;
	const found = await host.run('qemu-system-arm', ['--version']);
	const version = /version (\d+)\.(\d+)/.exec(found?.stdout ?? '');
	if (version === null) {
		return [
			{ state: isNeeded ? 'wrong' : 'absent', what: 'qemu-system-arm is not installed (boards in QEMU)', remedy: 'sudo apt-get install qemu-system-arm' },
		];
	}
	const text = `QEMU ${version[1]}.${version[2]}`;
	if (Number(version[1]) >= QEMU_MAJOR) return [{ state: 'good', what: `${text} runs boards` }];
	return [
		{
			state: isNeeded ? 'doubtful' : 'absent',
			what: `${text} runs the micro:bit; U-Boot boards need ${QEMU_MAJOR} or newer, whose flash can be programmed`,
			remedy: 'install it from the backports of your distribution (Debian 12: simulators/qemu-board/fetch-qemu.sh)',
		},
	];
};

/** Real packet loss without root. */
export const checkUserNamespaces: Check = ({ host }) => {
	const most = host.readText('proc/sys/user/max_user_namespaces');
	const isForbidden = most === undefined || most === '0' || host.readText('proc/sys/kernel/unprivileged_userns_clone') === '0';
	const isConfined = host.readText('proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1';
	if (!isForbidden && !isConfined) return [{ state: 'good', what: 'user namespaces are allowed (packet loss without root)' }];
	return [
		{
			state: 'absent',
			what: `user namespaces are ${isConfined ? 'confined by AppArmor' : 'not allowed'} (packet loss without root)`,
			remedy: `sudo sysctl ${isConfined ? 'kernel.apparmor_restrict_unprivileged_userns=0' : 'user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1'}`,
		},
	];
};
