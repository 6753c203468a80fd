#include "settings.h"
#include "../layout.h"
#include <avr/eeprom.h>
#include <avr/pgmspace.h>
#include <avr/wdt.h>
#include <string.h>
#include <util/crc16.h>

// Two copies, 128 bytes apart: sequence, length, text, CRC. The older one is written over, so that one is always whole.
#define COPY_SIZE (2u + SETTINGS_TEXT + 2u)

char settings[SETTINGS_TEXT + 1];
static uint8_t sequence;
static uint8_t newest;

static uint8_t *place(uint8_t copy) { return (uint8_t *)(uintptr_t)(SETTINGS_AT + copy * 128u); }

static uint8_t is_whole(uint8_t copy) {
	uint16_t crc = 0;
	for (uint8_t i = 0; i < COPY_SIZE; i++) crc = _crc_xmodem_update(crc, eeprom_read_byte(place(copy) + i));
	return crc == 0 && eeprom_read_byte(place(copy) + 1) <= SETTINGS_TEXT;
}

static void put(uint16_t *crc, uint8_t at, uint8_t byte) {
	*crc = _crc_xmodem_update(*crc, byte);
	eeprom_update_byte(place(newest) + at, byte);
	// All of them take longer than the watchdog waits.
	wdt_reset();
}

static void save(void) {
	newest ^= 1;
	sequence++;
	uint16_t crc = 0;
	uint8_t length = strlen(settings);
	put(&crc, 0, sequence);
	put(&crc, 1, length);
	for (uint8_t i = 0; i < SETTINGS_TEXT; i++) put(&crc, 2 + i, i < length ? settings[i] : 0);
	uint8_t high = crc >> 8, low = crc;
	put(&crc, 2 + SETTINGS_TEXT, high);
	put(&crc, 3 + SETTINGS_TEXT, low);
	eeprom_busy_wait();
}

void settings_defaults(void) {
	strcpy_P(settings, PSTR("site=factory\ninterval=60\nbroker=mqtt.example\n"));
	save();
}

void settings_load(void) {
	uint8_t good[2] = {is_whole(0), is_whole(1)};
	if (!good[0] && !good[1]) {
		newest = 1;
		settings_defaults();
		return;
	}
	newest = good[1];
	if (good[0] && good[1]) newest = (int8_t)(eeprom_read_byte(place(1)) - eeprom_read_byte(place(0))) > 0;
	sequence = eeprom_read_byte(place(newest));
	uint8_t length = eeprom_read_byte(place(newest) + 1);
	for (uint8_t i = 0; i < length; i++) settings[i] = eeprom_read_byte(place(newest) + 2 + i);
	settings[length] = 0;
}

const char *settings_find(const char *name) {
	uint8_t length = strlen(name);
	for (const char *line = settings; *line; line = strchr(line, '\n') + 1) {
		if (strncmp(line, name, length) == 0 && line[length] == '=') return line + length + 1;
	}
	return 0;
}

uint8_t settings_set(const char *name, const char *value) {
	const char *found = settings_find(name);
	uint8_t freed = found ? strchr(found, '\n') + 1 - found + strlen(name) + 1 : 0;
	if (strlen(settings) - freed + strlen(name) + strlen(value) + 2 > SETTINGS_TEXT) return 0;
	if (found) {
		char *line = settings + (found - settings) - strlen(name) - 1;
		memmove(line, line + freed, strlen(line + freed) + 1);
	}
	strcat(settings, name);
	strcat_P(settings, PSTR("="));
	strcat(settings, value);
	strcat_P(settings, PSTR("\n"));
	save();
	return 1;
}
