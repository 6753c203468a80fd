import { type DeviceParts, RIGHT_PARTS } from '../../device/index.js';
import { overriding } from './overriding.js';

type CreateWriter = DeviceParts['createWriter'];

/** Writes whole blocks as they come, and keeps a last, short one for a next block that never comes. */
export const createTailLosingWriter: CreateWriter = (device, options) => {
	const writer = RIGHT_PARTS.createWriter(device, options);
	let kept: number | undefined;
	return overriding(writer, {
		hasBlock: (block) => block === kept || writer.hasBlock(block),
		write: (block, bytes) => {
			if (bytes.length < device.profile.download.blockSizeBytes) kept = block;
			else writer.write(block, bytes);
		},
	});
};

/** Keeps no position: each start of the download begins with its first block. */
export const createForgetfulWriter: CreateWriter = (device, options) => {
	const writer = RIGHT_PARTS.createWriter(device, options);
	writer.begin();
	return writer;
};

/** Goes on where the journal stands, whichever update it is of. */
export const createMixingWriter: CreateWriter = (device, options) => {
	const writer = RIGHT_PARTS.createWriter(device, options);
	return overriding(writer, {
		begin: () => {
			if (options.journal.current() === null) writer.begin();
		},
	});
};

/** Marks a block as written, and then writes it. */
export const createMarkFirstWriter: CreateWriter = (device, options) => {
	const writer = RIGHT_PARTS.createWriter(device, options);
	return overriding(writer, {
		write: (block, bytes) => {
			options.journal.markBlock(Math.floor(block / writer.blocksPerChunk));
			writer.write(block, bytes);
		},
	});
};

/** Takes the flash's word for it that a program came out right. */
export const createUnverifyingWriter: CreateWriter = (device, options) => {
	const trusting = overriding(device.flash, { isHolding: () => true });
	return RIGHT_PARTS.createWriter(overriding(device, { flash: trusting }), options);
};

/** Writes the update over the image that runs. */
export const createInPlaceWriter: CreateWriter = (device, options) => RIGHT_PARTS.createWriter(device, { ...options, slot: options.slot === 'a' ? 'b' : 'a' });
