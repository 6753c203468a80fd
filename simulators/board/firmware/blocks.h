// Block lines of an update, behind their colon: 4 hex digits of number, 256 of data, 4 of CRC. README.md has the protocol.
#pragma once
#include "layout.h"
#include <util/crc16.h>

#define BLOCK_BYTES (2u + BLOCK_SIZE + 2u)

struct block {
	uint16_t digits;
	uint8_t bytes[BLOCK_BYTES];
	uint8_t garbled;
};

static inline void block_begin(struct block *block) {
	block->digits = 0;
	block->garbled = 0;
}

static inline void block_digit(struct block *block, uint8_t character) {
	uint8_t digit = character - '0';
	if (digit > 9) {
		digit = (character | 0x20) - 'a' + 10;
		if (digit < 10 || digit > 15) block->garbled = 1;
	}
	uint16_t at = block->digits++;
	if (at >= 2 * BLOCK_BYTES) {
		block->garbled = 1;
		return;
	}
	uint8_t *byte = &block->bytes[at >> 1];
	*byte = at & 1 ? *byte | (digit & 15) : digit << 4;
}

static inline uint16_t block_number(const struct block *block) { return (uint16_t)block->bytes[0] << 8 | block->bytes[1]; }

// Big endian behind the data, a CRC brings itself to zero.
static inline uint8_t block_is_whole(const struct block *block) {
	uint16_t crc = 0;
	for (uint8_t i = 0; i < BLOCK_BYTES; i++) crc = _crc_xmodem_update(crc, block->bytes[i]);
	return crc == 0;
}
