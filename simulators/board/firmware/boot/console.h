#pragma once
#include "../layout.h"
#include <avr/pgmspace.h>

void console_begin(void);
void console_end(void);
void say_character(char character);
void say_text(const char *text);
void say_hex(uint8_t byte);
void say_number(uint16_t number);
uint8_t hear(void);
// Text that lies in flash, in place.
#define say(text) say_text(PSTR(text))
