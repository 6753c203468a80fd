export { openVirtualBoard, type VirtualBoard, type VirtualBoardOptions } from './open-virtual-board.js';
export { type BadBehaviour, type VirtualBoardReleases, virtualBoardReleases } from './releases.js';
