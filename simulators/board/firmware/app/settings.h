#pragma once
#include <stdint.h>

#define SETTINGS_TEXT 120u

// Lines NAME=VALUE, each ended by a newline, as they are in EEPROM; after settings_load.
extern char settings[SETTINGS_TEXT + 1];

// Those of the factory where neither copy is readable.
void settings_load(void);
void settings_defaults(void);
// The value's first character, followed by a newline; 0: there is none of that name.
const char *settings_find(const char *name);
// False where there is no room.
uint8_t settings_set(const char *name, const char *value);
