#include "../watchdog.h"
#include <avr/io.h>

int main(void);

__attribute__((noreturn, used)) void reset(void) {
	__asm volatile("cpsid i");
	KEPT->cause = KEPT->alive != ALIVE ? _BV(PORF) : KEPT->is_own_reset ? _BV(WDRF) : _BV(EXTRF);
	KEPT->alive = ALIVE;
	KEPT->is_own_reset = 0;
	main();
	for (;;) {
	}
}

static void serve(uint32_t number) { ((void (*const *)(void))RUNNING_AT)[number](); }

// The processor has one table of vectors, which is the bootloader's: what it does not serve itself goes to the application.
static void forward(void) {
	uint32_t number;
	__asm("mrs %0, ipsr" : "=r"(number));
	serve(number);
}

static void bark(void) {
	TIMER_COMPARED = 0;
	if (!KEPT->is_armed) restart_now();
	KEPT->is_armed = 0;
	serve(16 + TIMER_INTERRUPT);
}

__attribute__((used, section(".vectors"))) static const void *const vectors[48] = {
	(void *)RAM_END, reset, [2 ... 23] = forward, [24] = bark, [25 ... 47] = forward,
};

#define ENTER_APPLICATION() \
	__asm volatile("msr msp, %0\n\tcpsie i\n\tbx %1" ::"r"(REGISTER(RUNNING_AT)), "r"(REGISTER(RUNNING_AT + 4)) : "memory")
