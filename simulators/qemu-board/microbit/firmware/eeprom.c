// An EEPROM out of flash: a log of bytes that were written, in one of two banks. The first word of a bank numbers it; it is written when all behind it is
// there, and the larger number counts. No globals: this runs for the application too, on its stack.
#include "../../../board/firmware/boot/record.h"
#include "nvmc.h"

#define EMPTY 0xffffffffu
#define BANK_WORDS (BANK_SIZE / 4)

static uint32_t word_at(uint8_t bank, uint16_t index) { return REGISTER(BANKS_AT + bank * BANK_SIZE + index * 4u); }
static void put_word(uint8_t bank, uint16_t index, uint32_t word) { nvmc_program(BANKS_AT + bank * BANK_SIZE + index * 4u, word); }

// Address, value, and a check of both: an erased word is no entry.
static uint32_t entry_of(uint16_t at, uint8_t value) { return (uint32_t)at << 16 | value << 8 | ((at ^ at >> 8 ^ value ^ 0xa5) & 0xff); }

// 2: none was ever begun.
static uint8_t newest_bank(void) {
	const uint32_t one = word_at(0, 0) + 1, other = word_at(1, 0) + 1;
	if (!one && !other) return 2;
	return other > one;
}

static uint16_t length_of(uint8_t bank) {
	uint16_t index = 1;
	while (index < BANK_WORDS && word_at(bank, index) != EMPTY) index++;
	return index;
}

uint8_t eeprom_read(uint16_t at) {
	const uint8_t bank = newest_bank();
	uint8_t value = 0xff;
	if (bank == 2) return value;
	for (uint16_t index = 1; index < BANK_WORDS; index++) {
		const uint32_t word = word_at(bank, index);
		if (word == EMPTY) break;
		if (word >> 16 == at && word == entry_of(at, word >> 8)) value = word >> 8;
	}
	return value;
}

// Moves what counts into the other bank, or begins the first one.
static uint8_t change_bank(uint8_t from) {
	const uint8_t to = from == 0;
	for (uint16_t at = 0; at < BANK_SIZE; at += PAGE_SIZE) nvmc_erase(BANKS_AT + to * BANK_SIZE + at);
	uint16_t index = 1;
	for (uint16_t at = 0; at < EEPROM_SIZE; at++) {
		const uint8_t value = eeprom_read(at);
		if (value != 0xff) put_word(to, index++, entry_of(at, value));
	}
	put_word(to, 0, from == 2 ? 0 : word_at(from, 0) + 1);
	return to;
}

void eeprom_write(uint16_t at, uint8_t value) {
	if (eeprom_read(at) == value) return;
	uint8_t bank = newest_bank();
	if (bank == 2 || length_of(bank) == BANK_WORDS) bank = change_bank(bank);
	put_word(bank, length_of(bank), entry_of(at, value));
}

void eeprom_clear(uint16_t at, uint8_t value) { eeprom_write(at, eeprom_read(at) & value); }

void eeprom_erase(uint16_t at) { eeprom_write(at, 0xff); }
