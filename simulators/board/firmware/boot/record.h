#pragma once
#include "../layout.h"

uint8_t eeprom_read(uint16_t at);
// Erases and programs one byte where it differs.
void eeprom_write(uint16_t at, uint8_t value);
// Clears bits of one byte without erasing it.
void eeprom_clear(uint16_t at, uint8_t value);
// Sets all bits of one byte.
void eeprom_erase(uint16_t at);

// Where both copies are unreadable: as from the factory.
void record_read(struct record *record);
// Over the older copy; the newer one stays until this one is whole.
void record_write(struct record *record);

uint32_t counter_read(void);
uint32_t counter_advance(void);
