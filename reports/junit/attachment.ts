import { isAbsolute, relative, resolve } from 'node:path';

/** The continuous integration system whose reading of attachments the report follows. */
export type CiSystem = 'gitlab' | 'jenkins' | 'azure' | 'github';

/**
 * The line that attaches a file to a case, or undefined where none can.
 *
 * GitLab wants the path relative to the project's folder and takes nothing outside of it; the Jenkins junit-attachments
 * plugin wants it absolute; Azure takes an absolute path, wherever the results file lies; readers on GitHub know no attachments.
 */
export const formatAttachment = (path: string, { ci, projectDir }: { readonly ci?: CiSystem | undefined; readonly projectDir: string }): string | undefined => {
	if (ci === undefined || ci === 'github') return undefined;
	const absolute = resolve(projectDir, path);
	const shown = ci === 'gitlab' ? relative(projectDir, absolute).replaceAll('\\', '/') : absolute;
	const outside = ci === 'gitlab' && (shown.startsWith('../') || isAbsolute(shown));
	return outside || !isPlainPath(shown) ? undefined : `[[ATTACHMENT|${shown}]]`;
};

/** The readers end a path at the first `]]` or at the line's end. */
const isPlainPath = (path: string): boolean => path !== '' && !/[\p{Cc}\p{Cs}\ufffe\uffff]|\]\]/u.test(path);
