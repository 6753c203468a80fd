export { type NetworkedBoardOptions, openNetworkedBoard } from './open-networked-board.js';
export { NETWORKED_HARDWARE } from './profile.js';
export { type NetworkedBoardReleases, networkedBoardReleases } from './releases.js';
