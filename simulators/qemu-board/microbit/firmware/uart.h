#pragma once
#include "part.h"

#define UART(offset) REGISTER(0x40002000u + (offset))
#define UART_RECEIVED UART(0x108)
#define UART_SENT UART(0x11c)
#define UART_INTERRUPTS_ON UART(0x304)
#define UART_INTERRUPTS_OFF UART(0x308)
#define UART_RECEIVED_BIT 4u

static inline void uart_begin(void) {
	UART(0x500) = 4;           // enabled
	UART(0x50c) = 24;          // pins of the micro:bit
	UART(0x514) = 25;
	UART(0x524) = 0x01d7e000;  // 115200 baud
	UART(0x000) = 1;
	UART(0x008) = 1;
	UART_INTERRUPTS_ON = UART_RECEIVED_BIT;
	ENABLE_INTERRUPT(UART_INTERRUPT);
}

static inline void uart_send(char character) {
	UART_SENT = 0;
	UART(0x51c) = (uint8_t)character;
	while (!UART_SENT) {
	}
}

static inline uint8_t uart_take(void) {
	UART_RECEIVED = 0;
	return UART(0x518);
}
