import { createFindings } from '../findings.js';
import { createInvariant, type Invariant } from '../invariant.js';
import { ReleaseBook, shortDigest } from '../release-book.js';

/** What runs is byte-equal to exactly one released image, by the digest that the board computes. */
export const createBoardWhole = (): Invariant => {
	const findings = createFindings('whole');
	const releases = new ReleaseBook();
	return createInvariant(findings, {
		handlers: {
			'release-published': (event) => releases.publish(event),
			'board-running': ({ at, board, digest, version }) => {
				findings.check();
				if (!releases.isReleased(digest)) findings.violate({ device: board, at }, `runs ${version} with ${shortDigest(digest)}, which nobody released`);
			},
		},
	});
};

/** Nothing that was tampered with, or that a stranger signed, ever runs. Bytes that nobody released are left to `whole`. */
export const createBoardAuthentic = (): Invariant => {
	const findings = createFindings('authentic');
	const typeOf = new Map<string, string>();
	const releases = new ReleaseBook();
	return createInvariant(findings, {
		handlers: {
			'release-published': (event) => releases.publish(event),
			'board-opened': ({ board, type }) => {
				typeOf.set(board, type);
			},
			'board-running': ({ at, board, digest }) => {
				findings.check();
				const image = releases.find({ hardware: typeOf.get(board) ?? '', digest });
				if (image !== undefined && !image.authentic)
					findings.violate({ device: board, at }, `runs ${releases.describe(digest)}, which must never run: ${image.rejection ?? 'not authentic'}`);
			},
		},
	});
};
