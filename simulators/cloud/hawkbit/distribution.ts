import type { DdiAction, DdiDeployment } from '../../../harness/protocols/hawkbit-ddi/index.js';
import type { Artifact } from '../artifacts/index.js';

/** A part of a device's software, as a server gives it out. */
export interface SoftwareModule {
	readonly part: string;
	readonly name: string;
	readonly version: string;
	readonly artifacts: readonly Artifact[];
	readonly metadata?: readonly { readonly key: string; readonly value: string }[];
}

/** What is assigned to a target in one piece. */
export interface Distribution {
	readonly name: string;
	readonly modules: readonly SoftwareModule[];
}

/** A distribution whose modules have the numbers that their paths are made of. */
export interface PublishedDistribution {
	readonly name: string;
	readonly modules: readonly (SoftwareModule & { readonly id: string })[];
}

const HANDLING = {
	forced: { download: 'forced', update: 'forced' },
	soft: { download: 'attempt', update: 'attempt' },
	'download-only': { download: 'forced', update: 'skip' },
} as const;

/** The `deployment` of a deploymentBase, or the `confirmation` of a confirmationBase; `rootUrl` is the controller's, as the client reached it. */
export const describeDeployment = (
	{ modules }: PublishedDistribution,
	{ type, rootUrl }: Pick<DdiAction, 'type'> & { readonly rootUrl: string },
): DdiDeployment['deployment'] => ({
	...HANDLING[type],
	chunks: modules.map(({ id, part, name, version, metadata, artifacts }) => ({
		part,
		name,
		version,
		...(metadata && { metadata: [...metadata] }),
		artifacts: artifacts.map((artifact) => describeArtifact(artifact, `${rootUrl}/softwaremodules/${id}/artifacts`)),
	})),
});

export const describeArtifact = (
	{ filename, bytes, hashes }: Artifact,
	folderUrl: string,
): DdiDeployment['deployment']['chunks'][number]['artifacts'][number] => {
	const download = { href: `${folderUrl}/${encodeURIComponent(filename)}` };
	const md5sum = { href: `${download.href}.MD5SUM` };
	return { filename, hashes, size: bytes.length, _links: { download, 'download-http': download, md5sum, 'md5sum-http': md5sum } };
};
