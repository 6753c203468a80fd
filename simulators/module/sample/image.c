#include "boot.h"

/*
 * MCUboot's image format, as `blackstart image sign` and imgtool write it: a header, the payload, protected TLVs, TLVs.
 * The SHA-256 in the TLVs is over header, payload and protected TLVs. What lies behind it, a signature for one, this
 * sample does not check: explored with torn writes, a signed image of which only the signature is torn is found to run.
 */
#define IMAGE_MAGIC 0x96f3b83du
#define TLV_INFO_MAGIC 0x6907u
#define PROTECTED_TLV_INFO_MAGIC 0x6908u
#define TLV_SHA256 0x10u
#define TLV_SECURITY_COUNTER 0x50u

struct header {
	uint32_t magic, load_address;
	uint16_t header_size, protected_size;
	uint32_t payload_size, flags;
	uint8_t version[8];
	uint32_t unused;
};

struct tlv {
	uint16_t type, size;
};

struct sha256 {
	uint32_t state[8];
	uint8_t block[64];
	uint32_t size;
};

static const uint32_t K[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
	0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
	0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
	0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t value, int by)
{
	return value >> by | value << (32 - by);
}

static void hash_block(struct sha256 *hash)
{
	uint32_t w[64], s[8];
	for (int i = 0; i < 16; i++) {
		const uint8_t *b = hash->block + 4 * i;
		w[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	}
	for (int i = 16; i < 64; i++) {
		const uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
		const uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
	for (int i = 0; i < 8; i++) s[i] = hash->state[i];
	for (int i = 0; i < 64; i++) {
		const uint32_t s1 = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
		const uint32_t t1 = s[7] + s1 + ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + w[i];
		const uint32_t s0 = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
		const uint32_t t2 = s0 + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
		for (int j = 7; j > 0; j--) s[j] = s[j - 1];
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++) hash->state[i] += s[i];
}

static void hash_bytes(struct sha256 *hash, const uint8_t *bytes, uint32_t size)
{
	for (uint32_t at = 0; at < size; at++) {
		hash->block[hash->size++ % 64] = bytes[at];
		if (hash->size % 64 == 0) hash_block(hash);
	}
}

static void hash_end(struct sha256 *hash)
{
	const uint32_t bits = hash->size * 8;
	uint8_t byte = 0x80;
	do {
		hash_bytes(hash, &byte, 1);
		byte = 0;
	} while (hash->size % 64 != 60);
	for (int shift = 24; shift >= 0; shift -= 8) {
		byte = (uint8_t)(bits >> shift);
		hash_bytes(hash, &byte, 1);
	}
}

/* Offset and size of a TLV's bytes in the area that begins at `at`; false: it is not there, or the area is broken. */
static bool find_tlv(uint32_t at, uint16_t magic, uint16_t type, uint32_t end, uint32_t *found, uint16_t *size)
{
	struct tlv info, tlv;
	if (at + sizeof info > end || flash_read(at, &info, sizeof info) != 0 || info.type != magic || at + info.size > end) return false;
	const uint32_t last = at + info.size;
	for (at += sizeof info; at + sizeof tlv <= last; at += sizeof tlv + tlv.size) {
		if (flash_read(at, &tlv, sizeof tlv) != 0 || at + sizeof tlv + tlv.size > last) return false;
		if (tlv.type != type) continue;
		*found = at + sizeof tlv;
		*size = tlv.size;
		return true;
	}
	return false;
}

static bool hash_flash(uint32_t at, uint32_t size, struct sha256 *hash)
{
	uint8_t chunk[256];
	while (size > 0) {
		const uint32_t part = size < sizeof chunk ? size : sizeof chunk;
		if (flash_read(at, chunk, part) != 0) return false;
		hash_bytes(hash, chunk, part);
		at += part;
		size -= part;
	}
	hash_end(hash);
	return true;
}

static bool has_right_hash(uint32_t at, uint32_t size, uint32_t end)
{
	struct sha256 hash = {{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}, {0}, 0};
	uint32_t expected_at;
	uint16_t expected_size;
	uint8_t expected[32];
	if (!find_tlv(at + size, TLV_INFO_MAGIC, TLV_SHA256, end, &expected_at, &expected_size)) return false;
	if (expected_size != sizeof expected || flash_read(expected_at, expected, sizeof expected) != 0) return false;
	if (!hash_flash(at, size, &hash)) return false;
	uint32_t difference = 0;
	for (int i = 0; i < 32; i++) difference |= expected[i] ^ (uint8_t)(hash.state[i / 4] >> (24 - 8 * (i % 4)));
	return difference == 0;
}

/* The security counter comes from the protected TLVs, which the hash covers; 0 where the image has none. */
bool image_is_valid(uint32_t at, uint32_t *security_counter)
{
	struct header header;
	const uint32_t end = at + SLOT_SIZE;
	if (flash_read(at, &header, sizeof header) != 0 || header.magic != IMAGE_MAGIC) return false;
	if (header.header_size < sizeof header || header.payload_size > SLOT_SIZE) return false;
	const uint32_t protected_at = header.header_size + header.payload_size;
	const uint32_t size = protected_at + header.protected_size;
	if (size > SLOT_SIZE || !has_right_hash(at, size, end)) return false;
	uint32_t counter_at;
	uint16_t counter_size;
	*security_counter = 0;
	if (header.protected_size > 0 && find_tlv(at + protected_at, PROTECTED_TLV_INFO_MAGIC, TLV_SECURITY_COUNTER, at + size, &counter_at, &counter_size)) {
		if (counter_size != sizeof *security_counter || flash_read(counter_at, security_counter, sizeof *security_counter) != 0) return false;
	}
	return *security_counter >= counter_read();
}
