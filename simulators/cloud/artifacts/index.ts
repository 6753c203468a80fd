export { type Artifact, createArtifact } from './artifact.js';
export { ARTIFACT_FAULT_KINDS, type ArtifactFault, type ArtifactFaultKind, ArtifactFaults } from './artifact-fault.js';
export { type ArtifactRequest, ArtifactServer, openArtifactServer } from './artifact-server.js';
export { type ArtifactSink, MemorySink } from './artifact-sink.js';
export { DOWNLOAD_LIMITS, type Download, type DownloadLimits, type DownloadOptions, downloadArtifact } from './download-artifact.js';
export { DownloadError, type DownloadProblem } from './download-error.js';
export { createHttpPort, type HttpAnswer, type HttpPort, type HttpRequest } from './http-port.js';
export { closeServer, listenOnLoopback } from './loopback-server.js';
export { serveArtifact } from './serve-artifact.js';
