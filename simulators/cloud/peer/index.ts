export { assertTruth, judgeTruth } from './judge-truth.js';
export { openCuttingProxy } from './open-cutting-proxy.js';
export { type PeerCommand, PeerProcess } from './peer-process.js';
export { type PeerCase, runPeerCases } from './run-cases.js';
