export { LiveRun } from './live-run.js';
export { openLiveServer } from './live-server.js';
