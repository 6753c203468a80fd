#pragma once
#include <stdint.h>
#include <string.h>

#define PROGMEM
#define PSTR(text) (text)
#define pgm_read_byte(at) (*(const uint8_t *)(uintptr_t)(at))
#define pgm_read_word(at) (*(const uint16_t *)(uintptr_t)(at))
#define pgm_read_dword(at) (*(const uint32_t *)(uintptr_t)(at))
#define strcmp_P strcmp
#define strncmp_P strncmp
#define strcpy_P strcpy
#define strcat_P strcat
#define memcmp_P memcmp
