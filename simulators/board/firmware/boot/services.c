// What runs for the application, on its stack: nothing here or below may have globals.
#include "console.h"
#include "flash.h"
#include "image.h"
#include "record.h"

static uint8_t write_page(uint16_t page, const uint8_t *bytes) {
	struct record record;
	record_read(&record);
	if (record.phase != CONFIRMED) return TRIAL_RUNNING;
	return page < SLOT_PAGES ? flash_write(STAGED_AT + page * PAGE_SIZE, bytes) : OUT_OF_RANGE;
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

// At SERVICES_AT, one jump each, in the order of layout.h.
__attribute__((naked, used, externally_visible, section(".services"))) void services(void) {
	asm volatile("rjmp %x0\n\trjmp %x1\n\trjmp %x2\n\trjmp %x3" ::"s"(write_page), "s"(request_trial), "s"(confirm), "s"(read_state));
}
