#include "text.h"
#include "../layout.h"
#include <avr/interrupt.h>
#include <avr/io.h>

#ifdef __AVR__
static volatile uint8_t heard[64];
static volatile uint8_t heard_head, heard_tail;

void text_begin(void) {
	UBRR0 = BAUD_DIVISOR;
	UCSR0A = _BV(U2X0) | _BV(TXC0);
	UCSR0B = _BV(TXEN0) | _BV(RXEN0) | _BV(RXCIE0);
}

ISR(USART_RX_vect) {
	uint8_t character = UDR0;
	uint8_t next = (heard_head + 1) & (sizeof heard - 1);
	// What finds no room is lost, as it would be in the UART.
	if (next == heard_tail) return;
	heard[heard_head] = character;
	heard_head = next;
}

int16_t hear(void) {
	uint8_t tail = heard_tail;
	if (tail == heard_head) return -1;
	uint8_t character = heard[tail];
	heard_tail = (tail + 1) & (sizeof heard - 1);
	return character;
}

void say_character(char character) {
	while (!(UCSR0A & _BV(UDRE0))) {
	}
	UCSR0A = _BV(U2X0) | _BV(TXC0);
	UDR0 = character;
}

void text_flush(void) {
	while (!(UCSR0A & _BV(TXC0))) {
	}
}
#endif

void say_flash(const char *text) {
	for (char character; (character = pgm_read_byte(text)); text++) {
		if (character == '\n') say_character('\r');
		say_character(character);
	}
}

void say_string(const char *text) {
	while (*text) say_character(*text++);
}

static void say_digit(uint8_t digit) { say_character(digit < 10 ? '0' + digit : 'a' - 10 + digit); }

void say_hex(uint8_t byte) {
	say_digit(byte >> 4);
	say_digit(byte & 15);
}

void say_number(uint16_t number) {
	if (number >= 10) say_number(number / 10);
	say_character('0' + number % 10);
}
