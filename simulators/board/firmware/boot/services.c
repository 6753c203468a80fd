// What runs for the application, on its stack: nothing here or below may have globals.
#include "console.h"
#include "flash.h"
#include "image.h"
#include "record.h"

static uint8_t write_block(uint16_t number, const uint8_t *bytes) {
	struct record record;
	record_read(&record);
	if (record.phase != CONFIRMED) return TRIAL_RUNNING;
	return number < SLOT_BLOCKS ? flash_write_block(STAGED_AT + number * BLOCK_SIZE, bytes) : OUT_OF_RANGE;
}

static uint8_t request_trial(void) {
	struct record record;
	record_read(&record);
	if (record.phase == TRIAL) return TRIAL_RUNNING;
	record.phase = REQUESTED;
	record.last = NONE;
	record_write(&record);
	return DONE;
}

static uint8_t confirm(void) {
	struct record record;
	record_read(&record);
	if (record.phase != TRIAL) return NOT_TRIAL;
	record.phase = CONFIRMED;
	record.attempts = 0;
	uint8_t security = image_security(RUNNING_AT);
	if (security > record.security) record.security = security;
	record_write(&record);
	return DONE;
}

static void read_state(struct boot_state *state) {
	record_read(&state->record);
	state->nonce = counter_read();
}

// At SERVICES_AT, in the order of layout.h.
#ifdef __AVR__
__attribute__((naked, used, externally_visible, section(".services"))) void services(void) {
	asm volatile("rjmp %x0\n\trjmp %x1\n\trjmp %x2\n\trjmp %x3" ::"s"(write_block), "s"(request_trial), "s"(confirm), "s"(read_state));
}
#else
static void erase_staged(void) {
	struct record record;
	record_read(&record);
	if (record.phase == CONFIRMED) flash_erase(STAGED_AT, SLOT_PAGES);
}

__attribute__((used, section(".services"))) static const void *const services[] = {write_block, request_trial, confirm, read_state, erase_staged};
#endif
