import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Module hooks of the processes that load scenario files: `blackstart` means this package from any folder, and TypeScript
 * is an ECMAScript module whatever the package.json around it says.
 */

/** URL of this package's door. */
const DOOR = new URL('../../index.js', import.meta.url).href;
const TYPESCRIPT = /\.[mc]?ts$/;

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
	if (specifier === 'blackstart') return { url: DOOR, format: 'module', shortCircuit: true };
	try {
		return await nextResolve(specifier, context);
	} catch (error) {
		if (!/^\.\.?\//.test(specifier) || !TYPESCRIPT.test(context.parentURL ?? '')) throw error;
		for (const candidate of typescriptNames(specifier)) {
			const found = await Promise.resolve(nextResolve(candidate, context)).catch(() => undefined);
			if (found) return found;
		}
		throw error;
	}
};

export const load: LoadHook = async (url, context, nextLoad) => {
	const { protocol, pathname } = new URL(url);
	if (protocol !== 'file:' || !TYPESCRIPT.test(pathname)) return nextLoad(url, context);
	return { format: 'module', source: await translate(fileURLToPath(url)), shortCircuit: true };
};

/** What a TypeScript author may have meant by an import that names no file. */
const typescriptNames = (specifier: string): readonly string[] =>
	/\.[mc]?js$/.test(specifier) ? [specifier.replace(/js$/, 'ts')] : [`${specifier}.ts`, `${specifier}.mts`, `${specifier}/index.ts`];

/** Types are removed, not checked. Throws a SyntaxError that begins with `file:line:column:`. */
const translate = async (path: string): Promise<string> => {
	const { transform } = await import('esbuild');
	const source = await readFile(path, 'utf8');
	try {
		const { code } = await transform(source, {
			loader: 'ts',
			format: 'esm',
			target: 'node20',
			sourcefile: path,
			sourcemap: 'inline',
			tsconfigRaw: {},
			logLevel: 'silent',
		});
		return code;
	} catch (error) {
		const [first] =
			(error as { readonly errors?: readonly { readonly text: string; readonly location: { readonly line: number; readonly column: number } | null }[] })
				.errors ?? [];
		if (!first) throw error;
		throw new SyntaxError(`${path}:${first.location?.line ?? 1}:${(first.location?.column ?? 0) + 1}: ${first.text}`);
	}
};
