#pragma once
#include <stdint.h>

// What holds a tag, where words must not lie anywhere.
#ifdef __AVR__
#define WORD_ALIGNED
#else
#define WORD_ALIGNED __attribute__((aligned(4)))
#endif

// Chaskey-12 (ISO/IEC 29192-6): the 16 bytes of tag over `blocks` whole blocks of 16 bytes of flash.
void chaskey(uint16_t at, uint16_t blocks, uint8_t *tag);
