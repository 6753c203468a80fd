#pragma once
#include <stdint.h>

// Of the page that begins there.
void nvmc_erase(uint32_t at);
// A word that is erased, or cleared further.
void nvmc_program(uint32_t at, uint32_t word);
