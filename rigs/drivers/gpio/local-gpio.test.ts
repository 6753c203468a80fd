import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { GpioLineRequest } from '../../../harness/ports/index.js';
import { type FakeTools, installFakeTools } from '../fake-tools.test.support.js';
import { chooseGpio } from './choose-gpio.js';
import { sysfsNumber } from './sysfs-number.js';

const DETECT = `echo 'gpiochip0 [pinctrl-bcm2711] (54 lines)'; echo 'gpiochip1 [relays] (4 lines)'; echo 'gpiochip2 [relays-b] (4 lines)'`;

/** What each version prints and takes; a line is held while its gpioset lives, and free once its input ended. */
const V1 = {
	gpiodetect: DETECT,
	gpioinfo: `used=unused; tail=; [ -e "$STATE/held" ] && used='"gpioset"' && tail=' [used]'
echo "$1 - 3 lines:"
printf '\\tline   0:      "relay" %s output active-high%s\\n\\tline   1:      "sense" unused input active-high\\n\\tline   2:      unnamed "kernel" output active-high [used]\\n' "$used" "$tail"`,
	gpioset: `case "$*" in --version) echo 'gpioset (libgpiod) v1.6.3';;
*) [ -e "$STATE/busy" ] && { echo 'gpioset: error setting the GPIO line values: Device or resource busy' >&2; exit 1; }
for word in "$@"; do level=$word; done; echo "\${level#*=}" >>"$STATE/levels"; : >"$STATE/held"; cat >/dev/null; rm "$STATE/held"; echo undriven >>"$STATE/levels";; esac`,
	gpioget: 'cat "$STATE/input"',
};
const V2 = {
	...V1,
	gpioinfo: `[ "$1" = --chip ] || { echo "gpioinfo: cannot find line '$1'" >&2; exit 1; }
used=; [ -e "$STATE/held" ] && used=' consumer="blackstart"'
echo "$2 - 2 lines:"
printf '\\tline   0:\\t"relay"         \\toutput%s\\n\\tline   1:\\t"sense"         \\tinput\\n' "$used"`,
	gpioset: `case "$*" in --version) echo 'gpioset (libgpiod) v2.1.3';;
*) for word in "$@"; do level=\${word#*=}; done; echo "$level" >>"$STATE/levels"; : >"$STATE/held"
printf 'gpioset> '
while read -r verb what; do case "$verb $what" in
"set 0=1") level=1; echo 1 >>"$STATE/levels";; "set 0=0") level=0; echo 0 >>"$STATE/levels";;
"get 0") [ "$level" = 1 ] && echo '"0"=active' || echo '"0"=inactive';; esac; printf 'gpioset> '; done
rm "$STATE/held"; echo undriven >>"$STATE/levels";; esac`,
};

const request: GpioLineRequest = {
	chip: 'relays',
	line: 'relay',
	activeLow: true,
	direction: { output: false },
	drive: 'open-drain',
	consumer: 'blackstart',
};

const withoutSysfs = (tools: FakeTools) => ({ env: tools.env, root: '/nowhere' });

for (const { version, scripts, levels, hold } of [
	{
		version: '1.6.3',
		scripts: V1,
		levels: '0\nundriven\n1\nundriven\n0\nundriven\n',
		hold: 'gpioset --mode=wait --active-low --drive=open-drain gpiochip1 0=0',
	},
	{
		version: '2.1.3',
		scripts: V2,
		levels: '0\n1\n1\n0\nundriven\n',
		hold: 'gpioset --interactive --active-low --drive open-drain --consumer blackstart --chip gpiochip1 0=0',
	},
]) {
	test(`libgpiod ${version}: a living gpioset holds an output, found by label and name`, async (t) => {
		const tools = await installFakeTools(t, scripts);
		const gpio = await chooseGpio('auto', withoutSysfs(tools));
		t.true(gpio.description.startsWith(`libgpiod ${version} tools on the character device, `));
		const relay = await gpio.openLine(request);
		t.is(relay.name, 'relays/relay');
		t.is(await tools.read('held'), '');
		await relay.set(true);
		t.true(await relay.get());
		await relay.set(true);
		await relay.set(false);
		t.false(await relay.get());
		await relay[Symbol.asyncDispose]();
		await relay[Symbol.asyncDispose]();
		t.is(await tools.read('levels'), levels);
		const sets = (await tools.calls()).filter((call) => call.startsWith('gpioset') && !call.includes('--version'));
		t.is(sets[0], hold);
		await tools.write('input', '1\n');
		await using sense = await gpio.openLine({ ...request, line: 'sense', direction: 'input' });
		t.true(await sense.get());
		await tools.write('input', 'neither\n');
		await t.throwsAsync(sense.get(), { code: 'refused', message: /^relays\/sense: gpioget: 0 or 1 was expected, came "neither"$/ });
		await t.throwsAsync(sense.set(true), { code: 'refused' });
	});

	test(`libgpiod ${version}: what cannot be opened is told by chip, line and what there is`, async (t) => {
		const tools = await installFakeTools(t, scripts);
		const gpio = await chooseGpio('libgpiod', withoutSysfs(tools));
		await t.throwsAsync(gpio.openLine({ ...request, chip: 'relais' }), {
			code: 'unknown',
			message: /^relais\/relay: no chip of that name or label; there are gpiochip0 \[pinctrl-bcm2711\], /,
		});
		await t.throwsAsync(gpio.openLine({ ...request, line: 'relay7' }), {
			code: 'unknown',
			message: 'relays/relay7: no line of that name; there are relay, sense',
		});
		await tools.install('gpioset', `${scripts.gpioset.split(';;')[0]};;\n*) echo 'gpioset: error: Device or resource busy' >&2; exit 1;; esac`);
		await t.throwsAsync(gpio.openLine(request), { code: 'busy', message: /^relays\/relay: gpioset ended at once: .*busy$/ });
		await tools.install('gpiodetect', 'echo "gpiodetect: unable to open chips: Permission denied" >&2; exit 1');
		await t.throwsAsync(gpio.openLine(request), { code: 'unavailable', message: /Permission denied$/ });
	});

	test(`libgpiod ${version}: a gpioset that dies takes its line with it, and every later use says so`, async (t) => {
		const tools = await installFakeTools(t, {
			...scripts,
			gpioset: scripts.gpioset.replaceAll('cat >/dev/null', 'read word').replaceAll('"get 0")', '"get 0") exit 9;;\n"x")'),
		});
		const relay = await (await chooseGpio('auto', withoutSysfs(tools))).openLine(request);
		if (version.startsWith('2')) await t.throwsAsync(relay.get(), { code: 'lost' });
		else t.false(await relay.get());
		await relay[Symbol.asyncDispose]();
		await t.throwsAsync(relay.set(true));
	});
}

test('a way is chosen by what there is, and its reason is printed', async (t) => {
	const none = await installFakeTools(t, {});
	const bare = { ...none.env, PATH: join(none.folder, 'bin') };
	const error = await t.throwsAsync(chooseGpio('auto', { env: bare, root: '/nowhere' }), { code: 'unavailable' });
	t.is(
		error?.message,
		'GPIO: no way to drive lines: the tools of libgpiod are not installed (package gpiod); this kernel has no GPIO in sysfs (/nowhere/class/gpio/export)',
	);
	await t.throwsAsync(chooseGpio('libgpiod', { env: bare, root: '/nowhere' }), { code: 'unavailable', message: /and the rig file asks for them$/ });
	await t.throwsAsync(chooseGpio('onoff', { env: bare, root: '/nowhere' }), { code: 'unavailable', message: /asks for onoff$/ });
	const { root } = await createSysfs(t);
	const v1 = await installFakeTools(t, V1);
	const v2 = await installFakeTools(t, V2);
	const descriptions = await Promise.all([
		chooseGpio('auto', { env: v2.env, root }),
		chooseGpio('auto', { env: v1.env, root }),
		chooseGpio('auto', { env: bare, root }),
		chooseGpio('libgpiod', { env: v1.env, root }),
	]);
	t.deepEqual(
		descriptions.map(({ description }) => description),
		[
			'libgpiod 2.1.3 tools on the character device, which hold lines and change levels in place',
			'onoff on sysfs, since libgpiod 1.6.3 would let go of a line to change its level',
			'onoff on sysfs, since the tools of libgpiod are not installed',
			'libgpiod 1.6.3 tools on the character device, as the rig file says',
		],
	);
});

/** A chip as Raspberry Pi kernels have it, at base 512, and two more that share a device. */
const createSysfs = async (t: ExecutionContext): Promise<{ readonly root: string }> => {
	const root = await mkdtemp(join(tmpdir(), 'blackstart-sysfs-'));
	t.teardown(() => rm(root, { recursive: true }));
	await mkdir(join(root, 'class/gpio'), { recursive: true });
	await mkdir(join(root, 'bus/gpio/devices'), { recursive: true });
	await writeFile(join(root, 'class/gpio/export'), '');
	const chips = [
		{ base: 512, label: 'pinctrl-bcm2711', lines: 54, chip: 'gpiochip0', device: 'fe200000.gpio', names: 'ID_SDA\0ID_SCL\0GPIO2\0' },
		{ base: 570, label: 'raspberrypi-exp-gpio', lines: 8, chip: 'gpiochip1', device: 'soc:firmware', names: undefined },
		{ base: 580, label: 'bank', lines: 4, chip: 'gpiochip2', device: 'expander', names: undefined },
		{ base: 590, label: 'bank', lines: 4, chip: 'gpiochip3', device: 'expander', names: undefined },
	];
	for (const { base, label, lines, chip, device, names } of chips) {
		await mkdir(join(root, 'devices', device, chip), { recursive: true });
		await symlink(join(root, 'devices', device, chip), join(root, 'bus/gpio/devices', chip));
		const folder = join(root, `class/gpio/gpiochip${base}`);
		await mkdir(folder);
		for (const [file, value] of Object.entries({ base, label, ngpio: lines })) await writeFile(join(folder, file), `${value}\n`);
		await symlink(join(root, 'devices', device), join(folder, 'device'));
		if (names === undefined) continue;
		await mkdir(join(root, 'devices', device, 'of_node'));
		await writeFile(join(root, 'devices', device, 'of_node/gpio-line-names'), names);
	}
	return { root };
};

test('a number in sysfs is the base of the chip and the offset of the line', async (t) => {
	const { root } = await createSysfs(t);
	t.is(await sysfsNumber({ chip: 'pinctrl-bcm2711', line: 'GPIO2' }, { root }), 514);
	t.is(await sysfsNumber({ chip: 'gpiochip0', line: 'GPIO2' }, { root }), 514);
	t.is(await sysfsNumber({ chip: 'raspberrypi-exp-gpio', line: 'line 7' }, { root }), 577);
	t.is(await sysfsNumber({ chip: 'gpiochip1', line: 'STATUS' }, { root, findOffset: async () => 3 }), 573);
	const refusals: readonly [string, string, string][] = [
		['pinctrl-bcm2712', 'GPIO2', 'no chip of that name or label; there are pinctrl-bcm2711, raspberrypi-exp-gpio, bank, bank'],
		['gpiochip0', 'GPIO17', 'no line of that name; there are ID_SDA, ID_SCL, GPIO2'],
		['gpiochip1', 'STATUS', "no line of that name; the chip names none: say which one as 'line N', N its offset"],
		['gpiochip1', 'line 8', 'the chip has 8 lines, the last is line 7'],
		['bank', 'line 0', '2 chips fit: bases 580, 590; give a label that only one has'],
		['gpiochip3', 'line 0', '2 chips fit: bases 580, 590; give a label that only one has'],
	];
	for (const [chip, line, why] of refusals) {
		await t.throwsAsync(sysfsNumber({ chip, line }, { root }), { code: 'unknown', message: `${chip}/${line}: ${why}` });
	}
});
