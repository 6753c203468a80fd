export { Calendar } from './calendar.js';
export { MaintenanceWindows, type OpenTime } from './maintenance-windows.js';
