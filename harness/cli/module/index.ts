export { initModuleCommand } from './init-module-command.js';
