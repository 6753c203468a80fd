#include "console.h"
#include "image.h"
#include "record.h"
#include "recovery.h"
#include "swap.h"
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/wdt.h>

#ifdef __AVR__
#define ENTER_APPLICATION() asm volatile("jmp 0")
#endif

static void restart(void) {
	console_end();
	wdt_enable(WDTO_15MS);
	for (;;) {
	}
}

// A watchdog guards the start of any image; an application that is well keeps it quiet from then on.
static void start(void) {
	say("boot: start\n");
	console_end();
	wdt_enable(WDTO_1S);
	ENTER_APPLICATION();
}

static void say_verdict(uint8_t verdict) {
	if (verdict == BAD_MAGIC) say("magic\n");
	else if (verdict == BAD_HARDWARE) say("hardware\n");
	else if (verdict == BAD_MAC) say("mac\n");
	else say("security\n");
}

static void run_swap(enum direction direction) {
	say_text(direction == INSTALL ? PSTR("boot: install from ") : PSTR("boot: restore from "));
	say_number(swap_progress());
	say(" of ");
	say_number(SWAP_STEPS);
	say("\n");
	if (!swap_run(direction)) {
		say("panic: flash does not hold\n");
		restart();
	}
	say_text(direction == INSTALL ? PSTR("boot: installed\n") : PSTR("boot: restored\n"));
}

// What a trial returns to lies from the first page of the second slot on; where that is gone, the image on trial is kept.
static void take_up_trial(struct record *record) {
	uint8_t is_good = judge_image(RUNNING_AT, record->security) == GOOD;
	if (is_good && record->attempts < TRIAL_BOOTS) {
		record->attempts++;
		record_write(record);
		say("boot: trial ");
		say_number(record->attempts);
		say(" of ");
		say_number(TRIAL_BOOTS);
		say("\n");
		start();
	}
	if (judge_image(SECOND_AT, record->security) != GOOD) {
		say("boot: nothing to return to\n");
		if (is_good) start();
		recover();
		restart();
	}
	say_text(is_good ? PSTR("boot: revert not-confirmed\n") : PSTR("boot: revert image-invalid\n"));
	record->last = is_good ? NOT_CONFIRMED : IMAGE_INVALID;
	swap_prepare();
	record->phase = RESTORING;
	record_write(record);
}

// One step of the bootloader's life; `record` is what is in EEPROM before and after.
static void take_up(struct record *record) {
	uint8_t verdict;
	switch (record->phase) {
	case REQUESTED:
		say("boot: verify staged\n");
		verdict = judge_image(STAGED_AT, record->security);
		if (verdict != GOOD) {
			say("boot: refused ");
			say_verdict(verdict);
			record->phase = CONFIRMED;
			record->last = REFUSED + verdict;
			record_write(record);
			return;
		}
		swap_prepare();
#ifdef BROKEN_RECORD_EARLY
		record->phase = TRIAL;
		record->attempts = 0;
		record_write(record);
		run_swap(INSTALL);
		return;
#endif
		record->phase = INSTALLING;
		record_write(record);
		return;
	case INSTALLING:
		run_swap(INSTALL);
		record->phase = TRIAL;
		record->attempts = 0;
		record_write(record);
		return;
	case TRIAL:
		take_up_trial(record);
		return;
	case RESTORING:
		run_swap(RESTORE);
		record->phase = CONFIRMED;
		record->attempts = 0;
		record_write(record);
		return;
	default:
		verdict = judge_image(RUNNING_AT, record->security);
		if (verdict == GOOD) start();
		say("boot: no image: ");
		say_verdict(verdict);
		recover();
		restart();
	}
}

static void say_hello(uint8_t cause, uint32_t nonce) {
	say("\nboot: blackstart-" BOARD_NAME " 1.0 nonce=");
	for (int8_t shift = 24; shift >= 0; shift -= 8) say_hex(nonce >> shift);
	say(" reset=");
	if (cause & _BV(PORF)) say("power\n");
	else if (cause & _BV(BORF)) say("brown-out\n");
	else if (cause & _BV(WDRF)) say("watchdog\n");
	else say("line\n");
}

int main(void) {
	uint8_t cause = MCUSR;
	MCUSR = 0;
	wdt_disable();
	uint32_t nonce = counter_advance();
	console_begin();
	say_hello(cause, nonce);
	struct record record;
	record_read(&record);
	for (;;) take_up(&record);
}
