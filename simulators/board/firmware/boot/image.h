#pragma once
#include "../layout.h"

// What the bootloader makes of a whole slot: enum verdict. `lowest` is the security version below which nothing runs.
uint8_t judge_image(uint16_t at, uint8_t lowest);
uint8_t image_security(uint16_t at);
