#pragma once
#include <stdint.h>

struct sha256 {
	uint32_t state[8];
	uint8_t block[64];
	uint16_t length;
};

void sha256_begin(struct sha256 *hash);
void sha256_byte(struct sha256 *hash, uint8_t byte);
void sha256_end(struct sha256 *hash, uint8_t *digest);
