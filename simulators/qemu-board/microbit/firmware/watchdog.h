// QEMU's nRF51 has no watchdog and no register of reset causes. Its first timer does for the one: its interrupt is the bootloader's alone, so that an
// application that hangs is reset; one that has switched interrupts off and hangs is not. RAM that a reset leaves alone does for the other.
#pragma once
#include "part.h"

struct kept {
	uint32_t alive;
	uint8_t cause;
	uint8_t is_own_reset;
	// The next time-out is told to the application, the one after it is a reset.
	uint8_t is_armed;
};
#define KEPT ((volatile struct kept *)RAM_END)
#define ALIVE 0x616c6976u

#define TIMER(offset) REGISTER(0x40008000u + (offset))
#define TIMER_START TIMER(0x000)
#define TIMER_STOP TIMER(0x004)
#define TIMER_CLEAR TIMER(0x00c)
#define TIMER_COMPARED TIMER(0x140)

__attribute__((noreturn)) static inline void restart_now(void) {
	KEPT->is_own_reset = 1;
	REGISTER(0xe000ed0c) = 0x05fa0004;
	for (;;) {
	}
}

static inline void watchdog_stop(void) {
	TIMER_STOP = 1;
	TIMER(0x308) = 1u << 16;
	TIMER_COMPARED = 0;
}

static inline void watchdog_start(uint32_t ms, uint8_t is_armed) {
	watchdog_stop();
	TIMER_CLEAR = 1;
	KEPT->is_armed = is_armed;
	TIMER(0x504) = 0;                // counts time
	TIMER(0x508) = 3;                // 32 bits
	TIMER(0x510) = 9;                // 16 MHz / 2^9
	TIMER(0x540) = ms * 125u / 4u;   // at 31.25 kHz
	TIMER(0x200) = 1;                // begins anew when it is over
	TIMER(0x304) = 1u << 16;
	ENABLE_INTERRUPT(TIMER_INTERRUPT);
	TIMER_START = 1;
}
