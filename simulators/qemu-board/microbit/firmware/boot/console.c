#include "../../../../board/firmware/boot/console.h"
#include "../uart.h"

void console_begin(void) { uart_begin(); }

void console_end(void) { UART_INTERRUPTS_OFF = UART_RECEIVED_BIT; }

void say_character(char character) { uart_send(character); }

// Interrupts stay off in the bootloader: one that is pending ends the sleep.
uint8_t hear(void) {
	while (!UART_RECEIVED) {
		__asm volatile("wfi");
		FORGET_INTERRUPT(UART_INTERRUPT);
	}
	return uart_take();
}
