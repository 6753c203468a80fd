#pragma once

// Takes block lines of the staged image until `end`.
void take_update(void);
// The next character, waited for asleep, the watchdog kept quiet.
char wait_character(void);
