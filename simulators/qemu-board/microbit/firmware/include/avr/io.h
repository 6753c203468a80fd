// The names that firmware shared with the AVR board uses, on this part.
#pragma once
#include "watchdog.h"

#define _BV(bit) (1u << (bit))
#define PORF 0
#define EXTRF 1
#define BORF 2
#define WDRF 3
#define MCUSR (KEPT->cause)
