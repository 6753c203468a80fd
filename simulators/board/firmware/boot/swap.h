#pragma once
#include "../layout.h"

#define SWAP_STEPS (2u * SLOT_PAGES)

enum direction { INSTALL, RESTORE };

// Makes the journal say that no step is done. Before the record says that a swap is on, never after.
void swap_prepare(void);
// The step at which a swap goes on.
uint16_t swap_progress(void);
// Carries a swap to its end from wherever it stands; false where the flash does not hold a page.
uint8_t swap_run(enum direction direction);
