export { type NetworkedBoardOptions, openNetworkedBoard } from './open-networked-board.js';
export { NETWORKED_HARDWARE } from './profile.js';
export { networkedBoardReleases } from './releases.js';
