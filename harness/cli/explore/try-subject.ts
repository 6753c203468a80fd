import type { Subject } from '../../explorer/index.js';
import { UsageError } from '../usage-error.js';
import { buildSubject } from './build-subject.js';

/** As buildSubject; a part that the bootloader or its images cannot have is wrong use, and says so. */
export const trySubject = (...given: Parameters<typeof buildSubject>): Subject => {
	try {
		return buildSubject(...given);
	} catch (cause) {
		if (!(cause instanceof RangeError)) throw cause;
		const { sectors, sectorSizeBytes } = given[1].part;
		throw new UsageError(`--sectors: ${sectors} of ${sectorSizeBytes} bytes are no part for ${given[0].name} and its images: ${cause.message}`, { cause });
	}
};
