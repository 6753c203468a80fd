/** A bootloader, or what an image asks of one, runs on and on: more work than any boot has reason for. */
export class EndlessLoop extends Error {
	override readonly name = 'EndlessLoop';
}
