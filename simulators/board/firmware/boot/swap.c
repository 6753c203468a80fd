#include "swap.h"
#include "flash.h"
#include "record.h"

// Two steps a page. Installing goes from the first page up: the running page k moves to page k of the second slot, which is free by
// then, and staged page k, which lies one page further, to the running slot. Restoring goes from the last page down, the other way
// round. A step's source is whole until the journal has it, and a step that is done again does no harm.
static uint16_t running(uint8_t page) { return RUNNING_AT + page * PAGE_SIZE; }
static uint16_t second(uint8_t page) { return SECOND_AT + page * PAGE_SIZE; }

static uint8_t do_step(uint16_t step, enum direction direction) {
	uint8_t k = step >> 1;
	uint8_t is_first = !(step & 1);
	if (direction == INSTALL) return is_first ? flash_copy(running(k), second(k)) : flash_copy(second(k + 1), running(k));
	k = SLOT_PAGES - 1 - k;
	return is_first ? flash_copy(running(k), second(k + 1)) : flash_copy(second(k), running(k));
}

void swap_prepare(void) {
	for (uint8_t i = 0; i < JOURNAL_SIZE; i++) eeprom_erase(JOURNAL_AT + i);
}

uint16_t swap_progress(void) {
	uint16_t step = 0;
	while (step < SWAP_STEPS && !(eeprom_read(JOURNAL_AT + (step >> 3)) & 1 << (step & 7))) step++;
	return step;
}

static void mark_done(uint16_t step) {
#ifdef BROKEN_NO_JOURNAL
	(void)step;
#else
	eeprom_clear(JOURNAL_AT + (step >> 3), ~(1 << (step & 7)));
#endif
}

uint8_t swap_run(enum direction direction) {
	for (uint16_t step = swap_progress(); step < SWAP_STEPS; step++) {
		if (do_step(step, direction) != DONE) return 0;
		mark_done(step);
	}
	return 1;
}
