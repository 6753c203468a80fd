export { type Diagnosis, type DoctorOptions, examineHost, type Finding } from './doctor/index.js';
export { findServiceAddress, type ServicePlace } from './find-service-address.js';
export { findSerialPort, SerialPortError } from './find-serial-port.js';
export { type GpioChipFacts, listGpioChips } from './gpio-chips.js';
export { createRigHost, type RigHost, type RigHostOptions } from './rig-host.js';
export { createRigSkeleton, type Discovery } from './rig-skeleton.js';
export { listSerialPorts, type SerialPortFacts, type UsbIdentity } from './serial-ports.js';
export { listUsbHubs, type UsbHubFacts } from './usb-hubs.js';
