/** What ESP-IDF's rollback goes by, as data: one wrong rule in place of the right one is how the tests prove that such a bug is found. Nothing else passes any. */
export interface EspRules {
	/** Whether an app that was pending when the device was reset is given up. */
	readonly abortsPending: boolean;
	/** Whether an entry whose checksum is wrong counts for nothing. */
	readonly checksEntries: boolean;
	/** Whether the app of the other slot runs where the wanted one does not pass. */
	readonly triesOthers: boolean;
	/** Which app raises the security counter at a boot. */
	readonly counterFollows: 'the valid' | 'the active';
}

export const ESP_RULES: EspRules = { abortsPending: true, checksEntries: true, triesOthers: true, counterFollows: 'the valid' };
