import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import test, { type ExecutionContext } from 'ava';
import { makeFolder, readVerdicts, startBlackstart } from './blackstart.test.support.js';

const ACCOUNT = { BLACKSTART_BROKER_USERNAME: 'account-of-the-service-4c1f', BLACKSTART_BROKER_PASSWORD: 'pass-phrase-of-the-service-9b27' };
const PASSWORD = ACCOUNT.BLACKSTART_BROKER_PASSWORD;
/** As it would stand in a dump of a message, or of what it is encoded into. */
const FORMS = [PASSWORD, Buffer.from(PASSWORD).toString('base64').replaceAll('=', ''), Buffer.from(PASSWORD).toString('hex'), encodeURIComponent(PASSWORD)];

/** One that passes and one that fails, so that what is told of failures is looked through too. */
const SCENARIO = `import { scenario } from 'blackstart';
for (const outcome of ['updated', 'bricked'])
	scenario('every device ends ' + outcome, { needs: ['fleet', 'update'] }, async ({ openFleet, expect, log }) => {
		const fleet = await openFleet({ devices: 2, referenceShare: 0.5 });
		await fleet.ready({ withinMs: 3_600_000 });
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: 3_600_000 });
		log(JSON.stringify(fleet.devices));
		expect(fleet.devices.every((device) => device.outcome === outcome), 'all were to end ' + outcome);
	});
`;

/** A broker that lets the service in by its account alone; devices, who show their own names, by any password. */
const openBroker = async (t: ExecutionContext): Promise<{ readonly port: number; readonly admitted: () => number }> => {
	const aedes = await Aedes.createBroker();
	let admitted = 0;
	aedes.authenticate = (client, username, password, done) => {
		const isService = client.id.startsWith('blackstart-service-');
		const isRight = username === ACCOUNT.BLACKSTART_BROKER_USERNAME && password?.toString() === PASSWORD;
		if (isService && isRight) admitted++;
		done(null, isRight || !isService);
	};
	const server = createServer((socket) => aedes.handle(socket));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.teardown(async () => {
		server.close();
		await new Promise<void>((resolve) => aedes.close(() => resolve()));
	});
	return { port: (server.address() as AddressInfo).port, admitted: () => admitted };
};

/** Arguments and titles of every process of this machine that can be read, as anybody on it sees them. */
const readArguments = (): string =>
	readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.flatMap((pid) =>
			['cmdline', 'comm'].map((file) => {
				try {
					return readFileSync(join('/proc', pid, file), 'latin1');
				} catch {
					// It has ended meanwhile.
					return '';
				}
			}),
		)
		.join('\n');

const withAccount = async <Result>(account: Readonly<Record<string, string>>, work: () => Promise<Result>): Promise<Result> => {
	Object.assign(process.env, account);
	try {
		return await work();
	} finally {
		for (const name of Object.keys(account)) delete process.env[name];
	}
};

const run = async (t: ExecutionContext, { port, account }: { readonly port: number; readonly account: Readonly<Record<string, string>> }) => {
	const folder = makeFolder(t, { 'meeting.ts': SCENARIO });
	const values = ['--seed', '7', '--time', 'real', '--speed', '100', '--transport', 'tcp', '--broker', `mqtt://127.0.0.1:${port}`];
	const seen = new Set<string>();
	const look = setInterval(() => seen.add(readArguments()), 50);
	const { exitCode, all, stdout, stderr } = await withAccount(account, () =>
		startBlackstart(folder, ['run', 'meeting.ts', ...values, '--out', 'run', '--timeout', '60s', '--shrink-seconds', '1']),
	).finally(() => clearInterval(look));
	const files = readdirSync(join(folder, 'run'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	const places = new Map(files.map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'latin1')]));
	places.set('what was printed', `${stdout}\n${stderr}`);
	places.set('arguments and titles of processes', [...seen].join('\n'));
	return { exitCode, all, places, verdicts: readVerdicts(join(folder, 'run')) };
};

const assertAbsent = (t: ExecutionContext, places: ReadonlyMap<string, string>): void => {
	t.true((places.get('arguments and titles of processes') ?? '').includes('meeting.ts'), 'processes of the run were to be seen');
	for (const name of ['events.jsonl', 'junit.xml', 'report.html']) t.true(places.has(name), name);
	for (const [place, text] of places) for (const form of FORMS) t.false(text.includes(form), `${place} holds the password of the account`);
};

test.serial("the account of a broker's service stands in nothing that a run leaves, prints or shows of its processes", async (t) => {
	const broker = await openBroker(t);
	const { exitCode, all, places, verdicts } = await run(t, { port: broker.port, account: ACCOUNT });
	t.is(exitCode, 1, all);
	t.is(verdicts['meeting: every device ends updated'], 'passed', all);
	t.true(broker.admitted() >= 2);
	assertAbsent(t, places);
});

test.serial('nor where the broker does not take it', async (t) => {
	const broker = await openBroker(t);
	const { exitCode, places } = await run(t, { port: broker.port, account: { ...ACCOUNT, BLACKSTART_BROKER_USERNAME: 'somebody-else' } });
	t.is(exitCode, 3);
	t.is(broker.admitted(), 0);
	assertAbsent(t, places);
});
