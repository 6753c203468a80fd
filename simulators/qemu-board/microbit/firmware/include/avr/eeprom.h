#pragma once
#include <stdint.h>

uint8_t eeprom_read(uint16_t at);
void eeprom_write(uint16_t at, uint8_t value);
#define eeprom_read_byte(at) eeprom_read((uint16_t)(uintptr_t)(at))
#define eeprom_update_byte(at, value) eeprom_write((uint16_t)(uintptr_t)(at), value)
#define eeprom_busy_wait()
