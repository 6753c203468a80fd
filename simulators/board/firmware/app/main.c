#include "../layout.h"
#include "settings.h"
#include "sha256.h"
#include "text.h"
#include "update.h"
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>
#include <stddef.h>
#include <string.h>
#include <util/crc16.h>

// How this version behaves: 0 healthy, 1 crashes 250 ms after its start, 2 never confirms itself, 3 hangs at once, 4 fails its self-test,
// 5 confirms itself before its self-test.
#ifndef BEHAVIOUR
#define BEHAVIOUR 0
#endif

// Keeps the code of one version from lying where another version's does.
__attribute__((used, section(".vectors"))) static const uint8_t shift[SHIFT] = {1};

static volatile uint8_t ticks;
static uint8_t is_trial;
static uint8_t is_well;

// The first time-out of the watchdog is this interrupt, the next one a reset: whoever no longer asks for the interrupt is reset.
ISR(WDT_vect) { ticks++; }

__attribute__((noreturn)) static void panic(const char *text) {
	cli();
	say("\npanic: ");
	say_flash(text);
	say("\n");
	text_flush();
	wdt_enable(WDTO_15MS);
	for (;;) {
	}
}

ISR(BADISR_vect) { panic(PSTR("unexpected interrupt")); }

#ifdef __AVR__
static void watch(void) {
	cli();
	wdt_reset();
	WDTCSR = _BV(WDCE) | _BV(WDE);
	WDTCSR = _BV(WDIE) | _BV(WDE) | _BV(WDP1) | _BV(WDP0);
	sei();
}

static uint8_t is_watching(void) { return WDTCSR & _BV(WDIE); }

#define SLEEP_AND_ENABLE_INTERRUPTS() \
	do { \
		sleep_enable(); \
		sei(); \
		sleep_cpu(); \
		sleep_disable(); \
	} while (0)
#endif

static uint8_t read_footer(uint8_t offset) { return pgm_read_byte(RUNNING_AT + FOOTER_AT + offset); }

static void say_version(void) {
	for (uint8_t i = 0; i < 3; i++) {
		if (i) say_character('.');
		say_number(read_footer(offsetof(struct footer, version) + i));
	}
}

static void say_nonce(uint32_t nonce) {
	for (int8_t bits = 24; bits >= 0; bits -= 8) say_hex(nonce >> bits);
}

static uint8_t fill_is_whole(void) {
	uint16_t at = RUNNING_AT + pgm_read_word(RUNNING_AT + FOOTER_AT + offsetof(struct footer, fill_at));
	uint16_t crc = 0;
	while (at < RUNNING_AT + FOOTER_AT) crc = _crc_xmodem_update(crc, pgm_read_byte(at++));
	return crc == pgm_read_word(RUNNING_AT + FOOTER_AT + offsetof(struct footer, fill_crc));
}

static void say_done(const char *error) {
	if (error) {
		say("error ");
		say_flash(error);
		say("\n");
	} else {
		say("ok\n");
	}
}

static const char *confirm(void) {
	if (CONFIRM() != DONE) return PSTR("not-trial");
	is_trial = 0;
	say("app: confirmed\n");
	return 0;
}

static void say_last(uint8_t last) {
	switch (last) {
	case NONE: say("none"); break;
	case NOT_CONFIRMED: say("not-confirmed"); break;
	case IMAGE_INVALID: say("image-invalid"); break;
	case REFUSED + BAD_MAGIC: say("refused-magic"); break;
	case REFUSED + BAD_HARDWARE: say("refused-hardware"); break;
	case REFUSED + BAD_MAC: say("refused-mac"); break;
	default: say("refused-security");
	}
}

static void say_state(void) {
	struct boot_state state;
	READ_STATE(&state);
	say("state ");
	say_flash(state.record.phase == TRIAL ? PSTR("trial") : state.record.phase == REQUESTED ? PSTR("requested") : PSTR("confirmed"));
	say(" attempt=");
	say_number(state.record.attempts);
	say(" security=");
	say_number(state.record.security);
	say(" nonce=");
	say_nonce(state.nonce);
	say(" last=");
	say_last(state.record.last);
	say("\n");
}

static void say_digest(void) {
	struct sha256 hash;
	uint8_t digest[32];
	sha256_begin(&hash);
	for (uint16_t at = 0; at < SLOT_SIZE; at++) {
		if ((at & 1023) == 0) watch();
		sha256_byte(&hash, pgm_read_byte(RUNNING_AT + at));
	}
	sha256_end(&hash, digest);
	say("digest ");
	for (uint8_t i = 0; i < sizeof digest; i++) say_hex(digest[i]);
	say("\n");
}

static void say_settings(void) {
	for (const char *at = settings; *at;) {
		say("setting ");
		while (*at != '\n') say_character(*at++);
		say("\n");
		at++;
	}
}

static const char *say_setting(const char *name) {
	const char *value = settings_find(name);
	if (!value) return PSTR("unknown");
	say_string(name);
	say_character('=');
	while (*value != '\n') say_character(*value++);
	say("\n");
	return 0;
}

static const char *change_setting(char *name) {
	char *value = strchr(name, ' ');
	if (!value) return PSTR("usage: set NAME VALUE");
	*value++ = 0;
	if (!*name || strlen(name) > 15 || strchr(name, '=')) return PSTR("name");
	if (strlen(value) > 31 || strchr(value, ' ')) return PSTR("value");
	return settings_set(name, value) ? 0 : PSTR("full");
}

static const char *request_trial(void) {
	if (REQUEST_TRIAL() != DONE) return PSTR("trial-running");
	say("trial requested\n");
	return 0;
}

__attribute__((noreturn)) static void reboot(void) {
	say("rebooting\n");
	text_flush();
	cli();
	wdt_enable(WDTO_15MS);
	for (;;) {
	}
}

static const char *update(void) {
	if (is_trial) return PSTR("trial-running");
	ERASE_STAGED();
	say("update ready pages=");
	say_number(SLOT_BLOCKS);
	say(" size=");
	say_number(SLOT_SIZE);
	say("\n");
	take_update();
	return 0;
}

static uint8_t is_word(const char *line, const char *word) { return strcmp_P(line, word) == 0; }
#define IS(word) is_word(line, PSTR(word))

static const char *obey(char *line) {
	if (IS("version")) {
		say("version ");
		say_version();
		say("\n");
	} else if (IS("digest")) say_digest();
	else if (IS("state")) say_state();
	else if (IS("dump")) say_settings();
	else if (strncmp_P(line, PSTR("get "), 4) == 0) return say_setting(line + 4);
	else if (strncmp_P(line, PSTR("set "), 4) == 0) return change_setting(line + 4);
	else if (IS("defaults")) settings_defaults();
	else if (IS("confirm")) return confirm();
	else if (IS("update")) return update();
	else if (IS("try")) return request_trial();
	else if (IS("reboot")) reboot();
	else if (IS("crash")) panic(PSTR("asked to"));
	else return PSTR("unknown command");
	return 0;
}

static void self_test(void) {
	if (BEHAVIOUR == 4 || !fill_is_whole()) {
		say("app: self-test failed: fill\n");
		return;
	}
	if (!*settings) {
		say("app: self-test failed: settings\n");
		return;
	}
	is_well = 1;
	say("app: self-test passed\n");
}

// What happens between characters.
static void rest(void) {
	if (BEHAVIOUR == 1 && ticks >= 2) panic(PSTR("stack overflow"));
	if (is_trial && is_well && BEHAVIOUR != 2 && ticks >= 2) {
		say("\n");
		confirm();
		say("> ");
	}
}

char wait_character(void) {
	int16_t character;
	for (;;) {
		rest();
		if (!is_watching()) watch();
		cli();
		character = hear();
		if (character >= 0) {
			sei();
			return character;
		}
		SLEEP_AND_ENABLE_INTERRUPTS();
	}
}

static void say_hello(void) {
	struct boot_state state;
	READ_STATE(&state);
	is_trial = state.record.phase == TRIAL;
	say("app: sensor ");
	say_version();
	say(" nonce=");
	say_nonce(state.nonce);
	say_flash(is_trial ? PSTR(" trial\n") : PSTR(" confirmed\n"));
}

int main(void) {
	if (BEHAVIOUR == 3) {
		for (;;) {
		}
	}
	watch();
	text_begin();
	settings_load();
	say_hello();
	if (BEHAVIOUR == 5) confirm();
	self_test();
	say("> ");
	char line[56];
	uint8_t length = 0;
	for (;;) {
		char character = wait_character();
		if (character == '\r' || character == '\n') {
			if (length == 0) continue;
			line[length] = 0;
			say("\n");
			say_done(length == sizeof line - 1 ? PSTR("line too long") : obey(line));
			say("> ");
			length = 0;
		} else if (character == 8 || character == 127) {
			if (length == 0) continue;
			length--;
			say("\b \b");
		} else if (character >= ' ') {
			if (length < sizeof line - 1) line[length++] = character;
			say_character(character);
		}
	}
}
