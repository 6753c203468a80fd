export { claimChunk, createClaims, type CrewLink, RunCrew } from './run-crew.js';
export { type RunRequests, type RunResults, RunServer } from './run-server.js';
