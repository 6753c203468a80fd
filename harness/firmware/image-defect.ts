export const IMAGE_DEFECTS = [
	'unsigned',
	'unknown-key',
	'magic',
	'header-size',
	'image-size',
	'flags',
	'version',
	'payload-bit',
	'hash',
	'signature',
	'tlv-info',
	'protected-tlv',
	'truncated',
	'too-large',
	'other-hardware',
	'downgrade',
	'dependency-not-met',
	'mix-and-match',
	'fast-forward',
	'html-page',
] as const;

/** A way in which an image must be refused. */
export type ImageDefect = (typeof IMAGE_DEFECTS)[number];
