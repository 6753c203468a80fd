#include "../../../../board/firmware/app/text.h"
#include "../uart.h"
#include <avr/interrupt.h>

static volatile uint8_t heard[64];
static volatile uint8_t heard_head, heard_tail;

void text_begin(void) { uart_begin(); }

// What finds no room waits in the UART, and before it.
ISR(USART_RX_vect) {
	while (UART_RECEIVED) {
		uint8_t next = (heard_head + 1) & (sizeof heard - 1);
		if (next == heard_tail) {
			UART_INTERRUPTS_OFF = UART_RECEIVED_BIT;
			return;
		}
		heard[heard_head] = uart_take();
		heard_head = next;
	}
}

int16_t hear(void) {
	uint8_t tail = heard_tail;
	if (tail == heard_head) return -1;
	uint8_t character = heard[tail];
	heard_tail = (tail + 1) & (sizeof heard - 1);
	UART_INTERRUPTS_ON = UART_RECEIVED_BIT;
	return character;
}

void say_character(char character) { uart_send(character); }

void text_flush(void) {}
