/** The bytes are no firmware module of this ABI: what was expected of it, and what it has. */
export class ModuleError extends Error {
	override readonly name = 'ModuleError';
}

/** A module ended as no boot should: an assertion of its own, memory or flash used wrongly. The message ends with its log. */
export class ModuleTrap extends Error {
	override readonly name = 'ModuleTrap';
}
