#pragma once
#include "../layout.h"

// Erases and writes a page of the application section and reads it back: 0 where it holds what was wanted.
uint8_t flash_write(uint16_t at, const uint8_t *bytes);
// The same of a block, which is a part of a page or all of it.
#ifdef __AVR__
#define flash_write_block flash_write
#else
uint8_t flash_write_block(uint16_t at, const uint8_t *bytes);
// Pages that are not erased as it is.
void flash_erase(uint16_t at, uint8_t pages);
#endif
uint8_t flash_copy(uint16_t from, uint16_t to);
