export { type BoardName, type BrokenMark, clearBroken, listBroken, markBroken, readBroken } from './broken.js';
export { acquireLease, type Lease, type LeaseOptions, type LeaseWait } from './lease.js';
export { type FoundLease, listLeases, readLease } from './lease-files.js';
export { LEASE_ERROR_CODES, LeaseError, type LeaseErrorCode } from './lease-error.js';
export { identifyProcess, type ProcessIdentity, stateOfProcess } from './process-identity.js';
export { type HostOptions, leaseFolder, stateFolder } from './rig-host-folder.js';
