import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execa } from 'execa';

const CHILD = fileURLToPath(new URL('./memory.test.child.js', import.meta.url));
/** Compiled code and half-filled buffers come and go by a few hundred KiB; one report kept of each that came would be over 4 MiB. */
const MOST_GROWN_BYTES = 2 * 1024 * 1024;

test('a month of virtual time leaves nothing behind in the harness', async (t) => {
	const { stdout } = await execa(process.execPath, [CHILD], { timeout: 110_000 });
	const facts = JSON.parse(stdout) as { readonly grownBytes: number; readonly messages: number; readonly renewals: number; readonly restarts: number };
	t.true(facts.messages > 8_000, `${facts.messages} messages`);
	t.true(facts.renewals >= 8, `${facts.renewals} renewals`);
	t.is(facts.restarts, 5);
	t.true(facts.grownBytes < MOST_GROWN_BYTES, `live objects grew by ${facts.grownBytes} bytes`);
});
