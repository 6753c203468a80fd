// The nRF51822 of the micro:bit, as far as QEMU has it: what takes the place of the AVR's part of layout.h.
#pragma once
#include <stdint.h>

#define BOARD_NAME "nrf51"
#define HARDWARE 0x5122u
#define SLOT_PAGES 8u
#define PAGE_SIZE 1024u  // what the flash controller erases
#define RUNNING_AT 0x4000u
#define SERVICES_AT 0x3fe0u
// Two banks of a log that does for an EEPROM.
#define EEPROM_SIZE 0x180u
#define BANK_SIZE 0x1000u
#define BANKS_AT 0xc000u

#define RAM_END 0x20003ff0u  // of 16 KiB; what is behind belongs to the watchdog

#define REGISTER(at) (*(volatile uint32_t *)(at))
#define ENABLE_INTERRUPT(number) (REGISTER(0xe000e100) = 1u << (number))
#define FORGET_INTERRUPT(number) (REGISTER(0xe000e280) = 1u << (number))
#define UART_INTERRUPT 2
#define TIMER_INTERRUPT 8
