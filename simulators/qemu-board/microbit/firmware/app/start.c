#include "../part.h"
#include <avr/interrupt.h>

int main(void);
ISR(BADISR_vect);
ISR(USART_RX_vect);
ISR(WDT_vect);

extern uint32_t data_begin, data_end, data_from, bss_begin, bss_end;

void reset(void) {
	const uint32_t *from = &data_from;
	for (uint32_t *to = &data_begin; to < &data_end;) *to++ = *from++;
	for (uint32_t *to = &bss_begin; to < &bss_end;) *to++ = 0;
	main();
}

// Where the bootloader looks for them.
__attribute__((used, section(".table"))) static const void *const vectors[48] = {
	(void *)RAM_END, reset, [2 ... 17] = BADISR_vect, [18] = USART_RX_vect, [19 ... 23] = BADISR_vect, [24] = WDT_vect, [25 ... 47] = BADISR_vect,
};
