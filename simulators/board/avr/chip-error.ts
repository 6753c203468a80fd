/** Machine code did what leaves a real ATmega328P undefined: the emulation stops there. */
export class ChipError extends Error {
	override readonly name = 'ChipError';
	/** Byte address of the instruction. */
	readonly programCounter: number;

	constructor(message: string, { programCounter }: { readonly programCounter: number }) {
		super(`at 0x${programCounter.toString(16).padStart(4, '0')}: ${message}`);
		this.programCounter = programCounter;
	}
}
