#include "image.h"
#include "chaskey.h"
#include <avr/pgmspace.h>
#include <stddef.h>

#define TAG_AT (SLOT_SIZE - 16)

static uint8_t is_authentic(uint16_t at) {
	WORD_ALIGNED uint8_t tag[16];
	uint8_t difference = 0;
	chaskey(at, TAG_AT / 16, tag);
	for (uint8_t i = 0; i < 16; i++) difference |= tag[i] ^ pgm_read_byte(at + TAG_AT + i);
	return difference == 0;
}

uint8_t image_security(uint16_t at) { return pgm_read_byte(at + FOOTER_AT + offsetof(struct footer, security)); }

uint8_t judge_image(uint16_t at, uint8_t lowest) {
	if (pgm_read_dword(at + FOOTER_AT) != 0x31415342) return BAD_MAGIC;
	if (pgm_read_word(at + FOOTER_AT + offsetof(struct footer, hardware)) != HARDWARE) return BAD_HARDWARE;
	if (!is_authentic(at)) return BAD_MAC;
	return image_security(at) < lowest ? BAD_SECURITY : GOOD;
}
