import test, { type ExecutionContext } from 'ava';
import type { FlasherSpec } from '../../rig-file/index.js';
import { type FakeTools, installFakeTools } from '../fake-tools.test.support.js';
import { createToolFlasher, type ToolFlasherOptions } from './index.js';

const common = {
	areas: { golden: { address: 0x8000, size: 8, alt: 2, memory: 'flash' } },
	within: 5000,
	args: ['--extra'],
	address: undefined,
	sharesConsole: false,
	probe: '066BFF51',
};

interface Row {
	readonly spec: Record<string, unknown>;
	readonly identity: ToolFlasherOptions['identity'];
	/** What the tool says when it is asked, when it is another device, and when it wrote. */
	readonly says: string;
	readonly stranger: string;
	readonly wrote: string;
	readonly asked: string;
	readonly written: RegExp;
}

const ROWS: readonly Row[] = [
	{
		spec: { tool: 'esptool', chip: 'esp32', baud: 460_800, probe: undefined },
		identity: { mac: 'AA:BB:CC:DD:EE:FF' },
		says: 'Chip is ESP32-D0WD\nMAC: aa:bb:cc:dd:ee:ff\nHard resetting via RTS pin...',
		stranger: 'MAC: aa:bb:cc:dd:ee:00',
		wrote: 'Writing at 0x00008000... (45 %)\nWriting at 0x00008004... (100 %)\nHash of data verified.',
		asked: 'esptool --chip esp32 --port /dev/ttyUSB3 --baud 460800 read_mac',
		written: /^esptool --chip esp32 --port \/dev\/ttyUSB3 --baud 460800 write_flash --extra 0x8000 \S+golden\.bin$/,
	},
	{
		spec: { tool: 'openocd', config: ['board/st_nucleo_f4.cfg'] },
		identity: {},
		says: 'Info : STLINK V2\nprobe 066BFF51',
		stranger: 'Error: open failed',
		wrote: '** Programming Started **\n** Verified OK **',
		asked: 'openocd -f board/st_nucleo_f4.cfg -c adapter serial 066BFF51 --extra -c init; echo "probe 066BFF51"; shutdown',
		written: /^openocd -f board\/st_nucleo_f4\.cfg -c adapter serial 066BFF51 --extra -c program \{\S+golden\.bin\} 0x8000 verify reset exit$/,
	},
	{
		spec: { tool: 'pyocd', target: 'stm32f446retx' },
		identity: {},
		says: '  #   Probe/Board             Unique ID                  Target\n  0   STM32 STLink   066bff51   stm32f446retx ',
		stranger: '  0   STM32 STLink   066bff52   stm32f446retx ',
		wrote: '[====================] 100%',
		asked: 'pyocd list --probes',
		written: /^pyocd flash --target stm32f446retx --uid 066BFF51 --format bin --base-address 0x8000 --extra \S+golden\.bin$/,
	},
	{
		spec: { tool: 'dfu-util', device: '0483:df11' },
		identity: {},
		says: 'Found DFU: [0483:df11] ver=2200, devnum=8, alt=0, name="@Internal Flash", serial="066BFF51"',
		stranger: 'Found DFU: [0483:df11] ver=2200, devnum=8, alt=0, serial="357F"',
		wrote: 'Download\t[===========              ]  45%         2048 bytes\nFile downloaded successfully',
		asked: 'dfu-util --list --device 0483:df11',
		written: /^dfu-util --device 0483:df11 --serial 066BFF51 --alt 2 --dfuse-address 0x8000 --extra --download \S+golden\.bin$/,
	},
	{
		spec: { tool: 'st-flash' },
		identity: {},
		says: 'Found 1 stlink programmers\n  version:    V2J33S25\n  serial:     066BFF51',
		stranger: 'Found 0 stlink programmers',
		wrote: 'INFO common.c: Starting verification\nINFO common.c: Flash written and verified! jolly good!',
		asked: 'st-info --probe',
		written: /^st-flash --serial 066BFF51 --extra write \S+golden\.bin 0x8000$/,
	},
	{
		spec: { tool: 'avrdude', part: 'm328p', programmer: 'arduino', baud: 57_600, probe: undefined },
		identity: { chipId: '1e950f' },
		says: 'avrdude: Device signature = 0x1e950f (probably m328p)',
		stranger: 'avrdude: Device signature = 0x000000',
		wrote: 'Writing | ####### | 45% 0.01s\nWriting | ####### | 100% 0.02s\navrdude: 8 bytes of flash verified',
		asked: 'avrdude -p m328p -c arduino -P /dev/ttyUSB3 -b 57600 --extra',
		written: /^avrdude -p m328p -c arduino -P \/dev\/ttyUSB3 -b 57600 --extra -U flash:w:\S+golden\.bin:r$/,
	},
	{
		spec: {
			tool: 'command',
			write: ['writer', '{port}', '{area}', '{address}', '{file}'],
			identify: ['writer', 'who', '{probe}'],
			identity: /^I am (?<id>\w+)/m,
		},
		identity: { chipId: 'c0ffee' },
		says: 'I am C0FFEE\nI am 066BFF51',
		stranger: 'I am nobody',
		wrote: '45 %',
		asked: 'writer who 066BFF51',
		written: /^writer \/dev\/ttyUSB3 golden 0x8000 \S+golden\.bin --extra$/,
	},
];

/** Tools that say what their row says: to a write it is an image they are given. */
const installTools = async (t: ExecutionContext, { says, wrote }: { readonly says: string; readonly wrote: string }): Promise<FakeTools> => {
	const script = `case "$*" in *golden.bin*) for word in "$@"; do case $word in *golden.bin*) f=\${word#*{}; f=\${f%%\\}*}; f=\${f#flash:w:}; f=\${f%:r}; cp "$f" "$STATE/image";; esac; done; cat "$STATE/wrote";; *) cat "$STATE/says";; esac`;
	const tools = await installFakeTools(
		t,
		Object.fromEntries(['esptool', 'openocd', 'pyocd', 'dfu-util', 'st-flash', 'st-info', 'avrdude', 'writer'].map((name) => [name, script])),
	);
	await tools.write('says', `${says}\n`);
	await tools.write('wrote', `${wrote}\n`);
	return tools;
};

const image = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

for (const { spec, identity, says, stranger, wrote, asked, written } of ROWS) {
	test(`${spec['tool']}: asks who the device is, writes, and wants to hear that it was verified`, async (t) => {
		const tools = await installTools(t, { says, wrote });
		const logFile = `${tools.folder}/flash.log`;
		const flasher = createToolFlasher({
			name: 'board-1',
			spec: { ...common, ...spec } as unknown as ToolFlasherOptions['spec'],
			identity,
			withPort: (use) => use('/dev/ttyUSB3'),
			logFile,
			env: tools.env,
		});
		const progress: number[] = [];
		await flasher.flash(image, { area: 'golden', withinMs: 5000, onProgress: (ratio) => progress.push(ratio) });
		const [first, second] = await tools.calls();
		t.is(first, asked);
		t.regex(second ?? '', written);
		t.deepEqual([...Buffer.from(await tools.read('image'), 'latin1')], [...image]);
		t.is(progress.at(-1), 1);
		t.deepEqual(progress, [...progress].sort());
		t.true((await tools.read('flash.log')).includes(wrote.split('\n')[0]!));
		await tools.write('says', `${stranger}\n`);
		const refused = await t.throwsAsync(flasher.flash(image, { area: 'golden', withinMs: 5000 }), { code: 'identity' });
		t.regex(refused?.message ?? '', /^board-1: \S+: \S+ was expected, .*; nothing was written$/);
		t.is((await tools.calls()).length, 3, 'a stranger is not written to');
		if (wrote.includes('erif') || wrote.includes('successfully')) {
			await tools.write('says', `${says}\n`);
			await tools.write('wrote', 'Hard resetting...\n');
			await t.throwsAsync(flasher.flash(image, { area: 'golden', withinMs: 5000 }), { code: 'failed', message: /ended well and never said/ });
		}
	});
}

test('nothing is written where something does not fit, or takes too long', async (t) => {
	const [row] = ROWS;
	const tools = await installTools(t, row!);
	const spec = { ...common, ...row!.spec } as unknown as ToolFlasherOptions['spec'];
	const options: ToolFlasherOptions = { name: 'esp-1', spec, identity: row!.identity, withPort: (use) => use('/dev/ttyUSB3'), env: tools.env };
	const golden = { area: 'golden', withinMs: 5000 };
	const flasher = createToolFlasher(options);
	await t.throwsAsync(flasher.flash(image, { ...golden, area: 'third' }), {
		code: 'configuration',
		message: 'esp-1: esptool: area third: one of golden was expected',
	});
	await t.throwsAsync(flasher.flash(new Uint8Array(9), golden), { code: 'configuration', message: /holds 8 bytes, the image has 9$/ });
	await t.throwsAsync(createToolFlasher({ ...options, identity: {} }).flash(image, golden), {
		code: 'identity',
		message: /says nothing to know the device by/,
	});
	await t.throwsAsync(createToolFlasher({ ...options, withPort: () => Promise.reject(new Error('no port like it is plugged in')) }).assertIdentity(golden), {
		code: 'absent',
	});
	const { withPort: _none, ...portless } = options;
	await t.throwsAsync(createToolFlasher(portless).assertIdentity(golden), { code: 'configuration', message: /a serial port was expected/ });
	const gone = new AbortController();
	gone.abort();
	await t.throwsAsync(flasher.flash(image, { ...golden, signal: gone.signal }), { code: 'aborted' });
	t.deepEqual(await tools.calls(), []);
	await tools.install('esptool', 'echo "A fatal error occurred: Failed to connect"; exit 2');
	await t.throwsAsync(flasher.assertIdentity(golden), { code: 'failed', message: 'esp-1: esptool: exit code 2: "A fatal error occurred: Failed to connect"' });
	await tools.install('esptool', 'echo Connecting...; exec sleep 30');
	await t.throwsAsync(flasher.assertIdentity({ withinMs: 300 }), { code: 'timeout', message: /^esp-1: esptool: no end in 300 ms; / });
	await tools.install('esptool', undefined);
	await t.throwsAsync(createToolFlasher({ ...options, env: { ...tools.env, PATH: `${tools.folder}/bin` } }).assertIdentity(golden), {
		code: 'absent',
		message: 'esp-1: esptool: is not installed',
	});
	const typo: FlasherSpec = { ...common, probe: undefined, tool: 'command', write: ['writer', '{fiel}'], identify: ['writer', 'who'], identity: /(?<id>\S+)/ };
	await t.throwsAsync(createToolFlasher({ ...options, spec: typo, identity: { mac: 'MAC:' } }).flash(image, golden), {
		code: 'configuration',
		message: /\{fiel\}: one of \{port\}, \{probe\}/,
	});
});
