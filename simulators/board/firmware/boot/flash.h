#pragma once
#include "../layout.h"

// Erases and writes a page of the application section and reads it back: 0 where it holds what was wanted.
uint8_t flash_write(uint16_t at, const uint8_t *bytes);
uint8_t flash_copy(uint16_t from, uint16_t to);
