#include "flash.h"
#include <avr/boot.h>
#include <avr/eeprom.h>
#include <avr/interrupt.h>
#include <avr/pgmspace.h>

uint8_t flash_write(uint16_t at, const uint8_t *bytes) {
	uint8_t status = SREG;
	cli();
	eeprom_busy_wait();
	boot_page_erase(at);
	boot_spm_busy_wait();
	for (uint8_t i = 0; i < PAGE_SIZE; i += 2) boot_page_fill(at + i, bytes[i] | (uint16_t)bytes[i + 1] << 8);
	boot_page_write(at);
	boot_spm_busy_wait();
	boot_rww_enable();
	SREG = status;
	for (uint8_t i = 0; i < PAGE_SIZE; i++) {
		if (pgm_read_byte(at + i) != bytes[i]) return NOT_WRITTEN;
	}
	return DONE;
}

uint8_t flash_copy(uint16_t from, uint16_t to) {
	uint8_t bytes[PAGE_SIZE];
	for (uint8_t i = 0; i < PAGE_SIZE; i++) bytes[i] = pgm_read_byte(from + i);
	return flash_write(to, bytes);
}
