/** The bootloaders there are, by the name that command lines and profiles use. */
export const BOOTLOADER_NAMES = ['ab', 'mcuboot-swap-move', 'mcuboot-swap-scratch', 'mcuboot-swap-offset', 'mcuboot-overwrite', 'esp-otadata'] as const;

export type BootloaderName = (typeof BOOTLOADER_NAMES)[number];

export const isBootloaderName = (name: string): name is BootloaderName => (BOOTLOADER_NAMES as readonly string[]).includes(name);
