#include "console.h"
#include <avr/io.h>

#ifdef __AVR__
void console_begin(void) {
	UBRR0 = BAUD_DIVISOR;
	UCSR0A = _BV(U2X0) | _BV(TXC0);
	UCSR0B = _BV(TXEN0) | _BV(RXEN0);
}

// The last character has left before the application, or a reset, takes the UART over.
void console_end(void) {
	while (!(UCSR0A & _BV(TXC0))) {
	}
	UCSR0B = 0;
}

void say_character(char character) {
	while (!(UCSR0A & _BV(UDRE0))) {
	}
	UCSR0A = _BV(U2X0) | _BV(TXC0);
	UDR0 = character;
}
#endif

void say_text(const char *text) {
	for (char character; (character = pgm_read_byte(text)); text++) {
		if (character == '\n') say_character('\r');
		say_character(character);
	}
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

#ifdef __AVR__
uint8_t hear(void) {
	while (!(UCSR0A & _BV(RXC0))) {
	}
	return UDR0;
}
#endif
