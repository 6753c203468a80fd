#include "chaskey.h"
#include "key.h"
#include <avr/pgmspace.h>

#define ROUNDS 12

#ifdef __AVR__
// The compiler makes loops of shifts by anything but whole bytes.
__attribute__((always_inline)) static inline uint32_t right1(uint32_t x) {
	asm("bst %A0, 0\n\tror %D0\n\tror %C0\n\tror %B0\n\tror %A0\n\tbld %D0, 7" : "+r"(x));
	return x;
}

__attribute__((always_inline)) static inline uint32_t right3(uint32_t x) { return right1(right1(right1(x))); }

// In place, by moves alone.
__attribute__((always_inline)) static inline uint32_t bytes_left1(uint32_t x) {
	asm("mov __tmp_reg__, %D0\n\tmov %D0, %C0\n\tmov %C0, %B0\n\tmov %B0, %A0\n\tmov %A0, __tmp_reg__" : "+r"(x));
	return x;
}

__attribute__((always_inline)) static inline uint32_t bytes_left2(uint32_t x) {
	asm("mov __tmp_reg__, %A0\n\tmov %A0, %C0\n\tmov %C0, __tmp_reg__\n\tmov __tmp_reg__, %B0\n\tmov %B0, %D0\n\tmov %D0, __tmp_reg__" : "+r"(x));
	return x;
}

#else
static inline uint32_t right3(uint32_t x) { return x >> 3 | x << 29; }
static inline uint32_t right1(uint32_t x) { return x >> 1 | x << 31; }
static inline uint32_t bytes_left1(uint32_t x) { return x << 8 | x >> 24; }
static inline uint32_t bytes_left2(uint32_t x) { return x << 16 | x >> 16; }
#endif

__attribute__((noinline)) static void permute(uint32_t *v) {
	uint32_t a = v[0], b = v[1], c = v[2], d = v[3];
	for (uint8_t round = 0; round < ROUNDS; round++) {
		a += b;
		b = right3(bytes_left1(b)) ^ a;
		a = bytes_left2(a);
		c += d;
		d = bytes_left1(d) ^ c;
		a += d;
		d = right3(bytes_left2(d)) ^ a;
		c += b;
		b = right1(bytes_left1(b)) ^ c;
		c = bytes_left2(c);
	}
	v[0] = a, v[1] = b, v[2] = c, v[3] = d;
}

void chaskey(uint16_t at, uint16_t blocks, uint8_t *tag) {
	uint8_t subkey[16];
	uint8_t carry = pgm_read_byte(&KEY[15]) & 0x80 ? 0x87 : 0;
	for (uint8_t i = 0; i < 16; i++) {
		uint8_t byte = tag[i] = pgm_read_byte(&KEY[i]);
		subkey[i] = byte << 1 ^ carry;
		carry = byte >> 7;
	}
	while (blocks--) {
		for (uint8_t i = 0; i < 16; i++) {
			tag[i] ^= pgm_read_byte(at++);
			if (blocks == 0) tag[i] ^= subkey[i];
		}
		permute((uint32_t *)tag);
	}
	for (uint8_t i = 0; i < 16; i++) tag[i] ^= subkey[i];
}
