export { BOARD_ERROR_CODES, BoardError, type BoardErrorCode } from './board-error.js';
export { createBoardFlasher, type FlasherMaker } from './board-flasher.js';
export type { BoardImage, BoardImages, ImageRole } from './board-releases.js';
export { type BoardMeans, listCapabilities } from './capabilities.js';
export { type BoardBackend, openBoard, type OpenBoardOptions, type RigBoard } from './open-board.js';
export type { BoardUplink, OfferedUpdate } from './own-network.js';
export { readImages } from './read-images.js';
export type { Gateway, GatewayOrder } from './board-updates.js';
export { SpokenBoard } from './spoken-board.js';
