import { judgeDevice } from './permissions.js';
import type { Check, Finding } from './finding.js';

/** Whether lines of GPIO chips can be held, and by which way. */
export const checkGpio: Check = async ({ host, rig }) => {
	const isNeeded =
		rig?.boards.some(
			({ backend, power, lines }) => backend === 'real' && (power?.driver === 'gpio-relay' || power?.sense.kind === 'gpio-in' || lines.reset || lines.boot),
		) === true;
	const chips = host.list('dev').filter((name) => /^gpiochip\d+$/.test(name));
	const hasSysfs = host.status('sys/class/gpio/export') !== undefined;
	if (chips.length === 0 && !hasSysfs) {
		return [
			isNeeded
				? {
						state: 'wrong',
						what: 'the rig uses GPIO lines, this machine has no GPIO chip',
						remedy: 'run on the rig host; in a container, pass /dev/gpiochip* in',
					}
				: { state: 'absent', what: 'no GPIO chip' },
		];
	}
	return [...chips.map((name) => judgeDevice(`/dev/${name}`, host)), ...(await judgeWays({ host, hasSysfs }))];
};

const judgeWays = async ({ host, hasSysfs }: { readonly host: Parameters<Check>[0]['host']; readonly hasSysfs: boolean }): Promise<readonly Finding[]> => {
	const gpioset = await host.run('gpioset', ['--version']);
	const version = /v?(\d+)\.\d+(\.\d+)?/.exec(gpioset?.stdout ?? '');
	if (version !== null) return [{ state: 'good', what: `gpioset of libgpiod ${version[0]} holds lines on the character device` }];
	if (hasSysfs)
		return [
			{
				state: 'doubtful',
				what: 'no gpioset: lines go by sysfs (onoff), which cannot set direction and level in one step',
				remedy: 'sudo apt-get install gpiod',
			},
		];
	return [{ state: 'wrong', what: 'a GPIO chip and no way to its lines: neither gpioset nor /sys/class/gpio', remedy: 'sudo apt-get install gpiod' }];
};
