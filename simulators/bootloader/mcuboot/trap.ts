/** MCUboot stops at an assertion of its own. */
export class McubootTrap extends Error {
	constructor(assertion: string) {
		super(`assertion failed: ${assertion}`);
		this.name = 'McubootTrap';
	}
}
