export { alikeEntries } from './alike-entries.js';
export { createEspBootloader } from './esp-bootloader.js';
export { ESP_LIMITS } from './known-limits.js';
export { encodeOtaEntry, OTA_ENTRY_BYTES, type OtaEntry, type OtaState, otaCrc, parseOtaEntry } from './ota-entry.js';
