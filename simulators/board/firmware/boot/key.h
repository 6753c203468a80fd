// The published test key of virtual boards. A product has a key for each board, and lock bits before it.
#pragma once
#include <avr/pgmspace.h>
#include <stdint.h>

static const uint8_t KEY[16] PROGMEM = {'b', 'l', 'a', 'c', 'k', 's', 't', 'a', 'r', 't', ' ', 't', 'e', 's', 't', ' '};
