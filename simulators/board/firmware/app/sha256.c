// SHA-256 (FIPS 180-4) for messages below 8 KiB of bits counted in 16 bits of bytes.
#include "sha256.h"
#include <avr/pgmspace.h>

static const uint32_t K[64] PROGMEM = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
	0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
	0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
	0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static const uint32_t START[8] PROGMEM = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

#ifdef __AVR__
// The compiler makes loops of shifts by anything but whole bytes.
static inline uint32_t right1(uint32_t x) {
	asm("bst %A0, 0\n\tror %D0\n\tror %C0\n\tror %B0\n\tror %A0\n\tbld %D0, 7" : "+r"(x));
	return x;
}

static inline uint32_t left1(uint32_t x) {
	asm("lsl %A0\n\trol %B0\n\trol %C0\n\trol %D0\n\tadc %A0, __zero_reg__" : "+r"(x));
	return x;
}

static inline uint32_t shift1(uint32_t x) {
	asm("lsr %D0\n\tror %C0\n\tror %B0\n\tror %A0" : "+r"(x));
	return x;
}
#else
static inline uint32_t right1(uint32_t x) { return x >> 1 | x << 31; }
static inline uint32_t left1(uint32_t x) { return x << 1 | x >> 31; }
static inline uint32_t shift1(uint32_t x) { return x >> 1; }
#endif

#define BYTES_RIGHT(x, n) ((x) >> (8 * (n)) | (x) << (32 - 8 * (n)))

static uint32_t right2(uint32_t x) { return right1(right1(x)); }
static uint32_t right5(uint32_t x) { return left1(left1(left1(BYTES_RIGHT(x, 1)))); }
static uint32_t right6(uint32_t x) { return left1(left1(BYTES_RIGHT(x, 1))); }
static uint32_t right7(uint32_t x) { return left1(BYTES_RIGHT(x, 1)); }
static uint32_t right11(uint32_t x) { return right1(right2(BYTES_RIGHT(x, 1))); }

static uint32_t sum0(uint32_t x) { return right2(x ^ right11(x ^ right1(BYTES_RIGHT(x, 1)))); }
static uint32_t sum1(uint32_t x) { return right6(x ^ right5(x ^ left1(left1(BYTES_RIGHT(x, 2))))); }
static uint32_t mix0(uint32_t x) { return right7(x ^ right11(x)) ^ shift1(shift1(shift1(x))); }
static uint32_t mix1(uint32_t x) { return right1(BYTES_RIGHT(x ^ right2(x), 2)) ^ shift1(shift1(x >> 8)); }

static void compress(struct sha256 *hash) {
	uint32_t w[16];
	uint32_t v[8];
	for (uint8_t i = 0; i < 16; i++) {
		const uint8_t *from = hash->block + 4 * i;
		uint8_t *to = (uint8_t *)&w[i];
		to[3] = from[0];
		to[2] = from[1];
		to[1] = from[2];
		to[0] = from[3];
	}
	for (uint8_t i = 0; i < 8; i++) v[i] = hash->state[i];
	for (uint8_t i = 0; i < 64; i++) {
		uint32_t word = w[i & 15];
		if (i >= 16) {
			word += mix0(w[(i + 1) & 15]) + w[(i + 9) & 15] + mix1(w[(i + 14) & 15]);
			w[i & 15] = word;
		}
		uint32_t one = v[7] + sum1(v[4]) + (((v[5] ^ v[6]) & v[4]) ^ v[6]) + pgm_read_dword(&K[i]) + word;
		uint32_t two = sum0(v[0]) + ((v[0] & (v[1] | v[2])) | (v[1] & v[2]));
		for (uint8_t n = 7; n > 0; n--) v[n] = v[n - 1];
		v[4] += one;
		v[0] = one + two;
	}
	for (uint8_t i = 0; i < 8; i++) hash->state[i] += v[i];
}

void sha256_begin(struct sha256 *hash) {
	for (uint8_t i = 0; i < 8; i++) hash->state[i] = pgm_read_dword(&START[i]);
	hash->length = 0;
}

void sha256_byte(struct sha256 *hash, uint8_t byte) {
	hash->block[hash->length++ & 63] = byte;
	if ((hash->length & 63) == 0) compress(hash);
}

void sha256_end(struct sha256 *hash, uint8_t *digest) {
	uint16_t length = hash->length;
	sha256_byte(hash, 0x80);
	while ((hash->length & 63) != 56) sha256_byte(hash, 0);
	for (uint8_t i = 0; i < 5; i++) sha256_byte(hash, 0);
	sha256_byte(hash, length >> 13);
	sha256_byte(hash, length >> 5);
	sha256_byte(hash, length << 3);
	for (uint8_t i = 0; i < 32; i++) digest[i] = hash->state[i >> 2] >> (24 - 8 * (i & 3));
}
