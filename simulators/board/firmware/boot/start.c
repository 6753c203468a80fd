#include <avr/io.h>

// There are no vectors, data or globals to set up: interrupts stay off in the boot section.
__attribute__((naked, used, section(".vectors"))) static void reset(void) {
	asm volatile("clr __zero_reg__\n\tout __SREG__, __zero_reg__\n\tldi r28, lo8(%0)\n\tldi r29, hi8(%0)\n\tout __SP_H__, r29\n\tout __SP_L__, r28\n\tjmp main" ::"i"(RAMEND));
}
