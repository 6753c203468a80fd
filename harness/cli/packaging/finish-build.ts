import { join } from 'node:path';
import { findPackageRoot } from '../package-root.js';
import { writePreparedListing } from '../run/prepared-listing.js';
import { removeStale } from './remove-stale.js';

/** The last step of `npm run build`, after the compiler. */

const COMPILED_FOLDERS = ['harness', 'simulators', 'rigs', 'scenarios', 'reports'];

const source = findPackageRoot();
removeStale({ source, built: join(source, 'build'), folders: COMPILED_FOLDERS });
await writePreparedListing();
