/**
 * What the `ab` bootloader goes by, as data: one wrong rule in place of the right one is how the tests prove that such a bug
 * is found. Nothing else passes any.
 */
export interface AbRules {
	/** Which copy of the record is written. */
	readonly recordGoesTo: 'the older copy' | 'the newest copy';
	/** Whether a copy whose checksum is wrong counts for nothing. */
	readonly checksRecord: boolean;
	/** What a copy that cannot be read is. */
	readonly unreadableCopy: 'blank' | 'an end';
	/** Whether a trial uses up its boots. */
	readonly countsTrials: boolean;
	/** Which image raises the security counter. */
	readonly counterFollows: 'the confirmed' | 'the running';
}

export const AB_RULES: AbRules = {
	recordGoesTo: 'the older copy',
	checksRecord: true,
	unreadableCopy: 'blank',
	countsTrials: true,
	counterFollows: 'the confirmed',
};
