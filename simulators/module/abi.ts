import { ModuleError } from './module-error.js';
import type { ModuleImports } from './hardware-imports.js';
import { type WasmModule, webAssembly } from './web-assembly.js';

/** What a module may export; only `boot` must be there. */
export const MODULE_EXPORTS = ['boot', 'mark_pending', 'confirm', 'provision'] as const;
export type ModuleExport = (typeof MODULE_EXPORTS)[number];

/** Throws a ModuleError that names the import or export that does not belong to the ABI of `blackstart.h`. */
export const assertAbi = (module: WasmModule, imports: ModuleImports): void => {
	for (const wanted of webAssembly.Module.imports(module)) {
		if (wanted.kind === 'function' && imports[wanted.module]?.[wanted.name] !== undefined) continue;
		throw new ModuleError(`module: imports of blackstart.h were expected, got ${wanted.kind} ${wanted.module}.${wanted.name}`);
	}
	const exported = webAssembly.Module.exports(module);
	for (const name of MODULE_EXPORTS) {
		const found = exported.find((each) => each.name === name);
		if (found === undefined && name === 'boot')
			throw new ModuleError(`module: an export boot was expected, it has ${exported.map((each) => each.name).join(', ') || 'none'}`);
		if (found !== undefined && found.kind !== 'function') throw new ModuleError(`module: a function ${name} was expected, got a ${found.kind}`);
	}
};
