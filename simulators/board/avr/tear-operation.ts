import { tearErase, tearProgram } from '../../../harness/flash/index.js';
import { createRandom } from '../../../harness/time/index.js';
import { FLASH_BYTES, type Operation } from './non-volatile.js';

/**
 * What a cut inside an operation leaves in its place: one of the outcomes of the tear ladder's first two steps, drawn from the
 * seed and not from how far the operation had come. An adversarial bound: real cells fail in fewer ways.
 */
export const tearOperation = (operation: Operation, { seed }: { readonly seed: number }): Uint8Array => {
	const random = createRandom(`board/tear/${seed}/${operation.memory === 'flash' ? 0 : FLASH_BYTES}/${operation.offsetBytes}`);
	const erased = () => tearErase(operation.before, { tear: random.pick(['before', 'half', 'bits', 'after']), seed, erasedByte: 0xff }).bytes;
	const programmed = (before: Uint8Array) =>
		tearProgram(before, { wanted: operation.wanted, writeSizeBytes: operation.memory === 'flash' ? 2 : 1, tear: random.pick(TEARS), seed }).bytes;
	switch (operation.kind) {
		case 'erase':
			return erased();
		case 'program':
			return programmed(operation.before);
		case 'replace':
			return random.integer(2) === 0 ? erased() : programmed(new Uint8Array(operation.before.length).fill(0xff));
	}
};

const TEARS = ['before', 'prefix', 'half', 'bits', 'after'] as const;
