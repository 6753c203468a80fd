/**
 * What storage in flash cannot do: `no-room` (it does not fit its area), `not-written` (the flash does not keep it),
 * `no-journal` (no update is in progress).
 */
export type StorageErrorCode = 'no-room' | 'not-written' | 'no-journal';

export class StorageError extends Error {
	readonly code: StorageErrorCode;

	constructor(code: StorageErrorCode, message: string) {
		super(message);
		this.name = 'StorageError';
		this.code = code;
	}
}
