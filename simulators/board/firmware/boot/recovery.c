#include "recovery.h"
#include "../blocks.h"
#include "console.h"
#include "flash.h"

static void take_block(const struct block *block) {
	if (block->digits != 2 * BLOCK_BYTES || block->garbled) {
		say("-???? line\n");
		return;
	}
	uint16_t number = block_number(block);
	const uint8_t is_whole = block_is_whole(block);
	const uint8_t is_written = is_whole && number < SLOT_BLOCKS && flash_write_block(RUNNING_AT + number * BLOCK_SIZE, block->bytes + 2) == DONE;
	say_character(is_written ? '+' : '-');
	say_hex(block->bytes[0]);
	say_hex(block->bytes[1]);
	if (!is_whole) say(" crc");
	else if (number >= SLOT_BLOCKS) say(" range");
	else if (!is_written) say(" flash");
	say("\n");
}

void recover(void) {
	struct block block;
	uint8_t first = 0;
	uint8_t second = 0;
	say("recovery> ");
	for (;;) {
		uint8_t character = hear();
		if (character == '\r' || character == '\n') {
			if (first == ':') take_block(&block);
			else if (first == 'g' && second == 'o') return;
			else if (first) say("error\nrecovery> ");
			first = second = 0;
		} else if (!first) {
			first = character;
			block_begin(&block);
		} else if (first == ':') {
			block_digit(&block, character);
		} else {
			second = character;
		}
	}
}
