// The nRF51's flash controller (reference manual 3.0, chapter 6): it must be told what is to come, and programs whole words.
#include "nvmc.h"
#include "part.h"

#define NVMC(offset) REGISTER(0x4001e000u + (offset))
#define TIMER1(offset) REGISTER(0x40009000u + (offset))

// QEMU has done it at once. The part takes this long (nRF51822 product specification), its processor standing still: power goes in the middle of it.
#define ERASE_US 21000u
#define PROGRAM_US 46u

static void nvmc_begin(uint32_t what) {
	NVMC(0x504) = what;
	TIMER1(0x504) = 0;  // counts time
	TIMER1(0x508) = 0;  // 16 bits
	TIMER1(0x510) = 4;  // 16 MHz / 2^4
	TIMER1(0x00c) = 1;
	TIMER1(0x000) = 1;
}

static void nvmc_end(uint32_t us) {
	do TIMER1(0x040) = 1;
	while (!(NVMC(0x400) & 1) || TIMER1(0x540) < us);
	TIMER1(0x004) = 1;
	NVMC(0x504) = 0;
}

void nvmc_erase(uint32_t at) {
	nvmc_begin(2);
	NVMC(0x508) = at;
	nvmc_end(ERASE_US);
}

void nvmc_program(uint32_t at, uint32_t word) {
	nvmc_begin(1);
	REGISTER(at) = word;
	nvmc_end(PROGRAM_US);
}
