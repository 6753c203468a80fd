const SIZE_UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 * 1024 };

/** `512B`, `48KiB`, `2MiB`, in bytes. */
export const parseSize = (text: string): number | undefined => {
	const [, number, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(B|KiB|MiB)$/.exec(text) ?? [];
	const sizeBytes = Math.round(Number(number) * (SIZE_UNIT_BYTES[unit ?? ''] ?? Number.NaN));
	return Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined;
};
