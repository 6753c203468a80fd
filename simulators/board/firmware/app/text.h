#pragma once
#include <avr/pgmspace.h>
#include <stdint.h>

void text_begin(void);
void say_character(char character);
void say_flash(const char *text);
void say_string(const char *text);
void say_hex(uint8_t byte);
void say_number(uint16_t number);
// Every character has left.
void text_flush(void);
// The next character that came in, -1: none yet.
int16_t hear(void);
// Text that lies in flash, in place.
#define say(text) say_flash(PSTR(text))
