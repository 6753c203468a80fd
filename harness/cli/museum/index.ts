export { type MuseumArguments, museumCommand } from './museum-command.js';
