#include "update.h"
#include "../blocks.h"
#include "text.h"
#include <string.h>

static uint8_t seen[SLOT_BLOCKS / 8 + 1];

static void take_block(const struct block *block) {
	if (block->digits != 2 * BLOCK_BYTES || block->garbled) {
		say("-???? line\n");
		return;
	}
	const uint16_t number = block_number(block);
	const uint8_t is_whole = block_is_whole(block);
	const uint8_t result = is_whole ? WRITE_BLOCK(number, block->bytes + 2) : NOT_WRITTEN;
	if (result == DONE) seen[number >> 3] |= 1 << (number & 7);
	say_character(result == DONE ? '+' : '-');
	say_hex(block->bytes[0]);
	say_hex(block->bytes[1]);
	if (!is_whole) say(" crc");
	else if (result == OUT_OF_RANGE) say(" range");
	else if (result == TRIAL_RUNNING) say(" trial");
	else if (result != DONE) say(" flash");
	say("\n");
}

static uint8_t count_seen(void) {
	uint8_t count = 0;
	for (uint16_t number = 0; number < SLOT_BLOCKS; number++) count += seen[number >> 3] >> (number & 7) & 1;
	return count;
}

void take_update(void) {
	static struct block block;
	char word[4];
	uint8_t length = 0;
	memset(seen, 0, sizeof seen);
	for (;;) {
		char character = wait_character();
		if (character == '\r' || character == '\n') {
			if (length && word[0] == ':') take_block(&block);
			else if (length == 3 && memcmp_P(word, PSTR("end"), 3) == 0) break;
			else if (length) say("-???? line\n");
			length = 0;
		} else if (length && word[0] == ':') {
			block_digit(&block, character);
		} else {
			if (length == 0) block_begin(&block);
			if (length < sizeof word) word[length++] = character;
		}
	}
	say("update ended pages=");
	say_number(count_seen());
	say("\n");
}
