export { BEHAVIOUR_TLV, encodeBehaviour, IMAGE_BEHAVIOURS, type ImageBehaviour, isImageBehaviour, readBehaviour } from './behaviour.js';
export { BUILD_DEFAULTS, type BuildOptions, buildImage } from './build.js';
export { encodeHeader, formatHex, IMAGE_FLAGS, IMAGE_HEADER_SIZE, IMAGE_MAGIC, type ImageHeader, namesOfFlags, parseHeader, readVersion } from './header.js';
export { type Image, type ImageDependency, type PartialImage, parseImage, readDependency, readImage } from './image.js';
export { IMAGE_DEFECTS, type ImageDefect } from './image-defect.js';
export { ImageError, type ImageErrorCode } from './image-error.js';
export { createSigningKey, type KeyKind, parseSigningKey, parseVerifyingKey, type SigningKey, type VerifyingKey } from './key.js';
export { encodeKeySet, encodePublicKey, followKeySets, type KeySet } from './key-set.js';
export type { Release, ReleaseImage } from './release.js';
export { encodeStatement, readStatement, type ReleaseStatement } from './release-statement.js';
export { type CorruptOptions, corruptImage, type KeylessDefect } from './mutate.js';
export type { Rejection, RejectionCode } from './rejection.js';
export { nameOfTlv, TLV, TLV_HEADER_SIZE, type Tlv, type TlvContent } from './tlv.js';
export {
	encodeTrailer,
	readTrailer,
	TRAILER_DEFAULTS,
	type TrailerFields,
	type TrailerShape,
	type TrailerState,
	trailerFields,
	trailerMagic,
	trailerSizeBytes,
} from './trailer.js';
export { classIdOf, formatUuid, uuid5, vendorIdOf } from './uuid.js';
export { type Verdict, type VerifyOptions, verifyImage } from './verify.js';
export { compareVersions, formatVersion, parseVersion, type Version } from './version.js';
