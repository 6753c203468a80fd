export { crc16 } from './crc16.js';
export { sendPages } from './page-lines.js';
export { sendImage, takesImages, transferImage } from './send-image.js';
export { encodeBlock, sendXmodem } from './xmodem.js';
export type { TransferOptions } from './transfer-options.js';
