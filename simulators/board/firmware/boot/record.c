#include "record.h"
#include <avr/io.h>
#include <avr/interrupt.h>
#include <util/crc16.h>

// Other parts have theirs in a file of their own.
#ifdef __AVR__
static void eeprom_start(uint16_t at, uint8_t value, uint8_t mode) {
	uint8_t status = SREG;
	while (EECR & _BV(EEPE)) {
	}
	EEAR = at;
	EEDR = value;
	cli();
	EECR = mode | _BV(EEMPE);
	EECR |= _BV(EEPE);
	SREG = status;
	while (EECR & _BV(EEPE)) {
	}
}

uint8_t eeprom_read(uint16_t at) {
	while (EECR & _BV(EEPE)) {
	}
	EEAR = at;
	EECR |= _BV(EERE);
	return EEDR;
}

void eeprom_write(uint16_t at, uint8_t value) {
	if (eeprom_read(at) != value) eeprom_start(at, value, 0);
}

void eeprom_clear(uint16_t at, uint8_t value) { eeprom_start(at, value, _BV(EEPM1)); }

void eeprom_erase(uint16_t at) {
	if (eeprom_read(at) != 0xff) eeprom_start(at, 0xff, _BV(EEPM0));
}
#endif

// Both kinds of record end with the CRC of what stands before it. True where it holds.
static uint8_t load(uint16_t at, uint8_t *bytes, uint8_t size) {
	uint16_t crc = 0;
	for (uint8_t i = 0; i < size; i++) {
		bytes[i] = eeprom_read(at + i);
		crc = _crc_xmodem_update(crc, bytes[i]);
	}
	// Big endian behind the data, a CRC brings itself to zero; a blank one brings 0xffff to something else.
	return crc == 0;
}

static void store(uint16_t at, uint8_t *bytes, uint8_t size) {
	uint16_t crc = 0;
	for (uint8_t i = 0; i < size - 2; i++) crc = _crc_xmodem_update(crc, bytes[i]);
	bytes[size - 2] = crc >> 8;
	bytes[size - 1] = crc;
	for (uint8_t i = 0; i < size; i++) eeprom_write(at + i, bytes[i]);
}

static uint8_t newer_record(struct record copies[2], uint8_t good[2]) {
	for (uint8_t i = 0; i < 2; i++) good[i] = load(RECORD_AT + i * sizeof(struct record), (uint8_t *)&copies[i], sizeof(struct record));
	if (!good[0] || !good[1]) return good[1] ? 1 : 0;
	return ((copies[0].sequence + 1) & 3) == copies[1].sequence;
}

void record_read(struct record *record) {
	struct record copies[2];
	uint8_t good[2];
	uint8_t newer = newer_record(copies, good);
	*record = copies[newer];
	if (good[newer]) return;
	for (uint8_t i = 0; i < sizeof(struct record); i++) ((uint8_t *)record)[i] = 0;
}

void record_write(struct record *record) {
	struct record copies[2];
	uint8_t good[2];
	uint8_t newer = newer_record(copies, good);
	record->sequence = good[newer] ? (copies[newer].sequence + 1) & 3 : 0;
	store(RECORD_AT + (newer ^ 1) * sizeof(struct record), (uint8_t *)record, sizeof(struct record));
}

static uint8_t newer_counter(struct counter *newest) {
	uint8_t at = 1;
	newest->value = 0;
	for (uint8_t i = 0; i < 2; i++) {
		struct counter copy;
		if (!load(COUNTER_AT + i * 8, (uint8_t *)&copy, sizeof copy) || copy.value < newest->value) continue;
		*newest = copy;
		at = i;
	}
	return at;
}

uint32_t counter_read(void) {
	struct counter newest;
	newer_counter(&newest);
	return newest.value;
}

uint32_t counter_advance(void) {
	struct counter newest;
	uint8_t at = newer_counter(&newest) ^ 1;
	newest.value++;
	store(COUNTER_AT + at * 8, (uint8_t *)&newest, sizeof newest);
	return newest.value;
}
