#pragma once
#include "watchdog.h"

#define WDTO_15MS 15u
#define WDTO_1S 1000u

#define wdt_reset() (TIMER_CLEAR = 1)
#define wdt_disable() watchdog_stop()
// The shortest one is what a restart is made of.
#define wdt_enable(ms) ((ms) == WDTO_15MS ? restart_now() : watchdog_start(ms, 0))

static inline void watch(void) { watchdog_start(125, 1); }
static inline uint8_t is_watching(void) { return KEPT->is_armed; }
