export { MaintenanceWindows, type OpenTime } from './maintenance-windows.js';
