#include "../../../board/firmware/boot/flash.h"
#include "nvmc.h"
#include <avr/wdt.h>
#include <string.h>

static uint32_t word_of(const uint8_t *bytes) { return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24; }

uint8_t flash_write(uint16_t at, const uint8_t *bytes) {
	nvmc_erase(at);
	for (uint16_t i = 0; i < PAGE_SIZE; i += 4) nvmc_program(at + i, word_of(bytes + i));
	return memcmp((const void *)(uintptr_t)at, bytes, PAGE_SIZE) ? NOT_WRITTEN : DONE;
}

uint8_t flash_copy(uint16_t from, uint16_t to) { return flash_write(to, (const uint8_t *)(uintptr_t)from); }

void flash_erase(uint16_t at, uint8_t pages) {
	for (; pages--; at += PAGE_SIZE) {
		uint16_t i = 0;
		while (i < PAGE_SIZE && REGISTER(at + i) == 0xffffffffu) i += 4;
		if (i < PAGE_SIZE) nvmc_erase(at);
		wdt_reset();
	}
}

// A block into erased flash needs no erase; else the rest of its page is kept in RAM meanwhile.
uint8_t flash_write_block(uint16_t at, const uint8_t *bytes) {
	uint8_t fits = 1;
	for (uint16_t i = 0; i < BLOCK_SIZE; i += 4) {
		const uint32_t old = REGISTER(at + i);
		fits &= old == 0xffffffffu || old == word_of(bytes + i);
	}
	if (!fits) {
		uint32_t words[PAGE_SIZE / 4];
		uint8_t *page = (uint8_t *)words;
		const uint16_t page_at = at & ~(PAGE_SIZE - 1);
		memcpy(page, (const void *)(uintptr_t)page_at, PAGE_SIZE);
		memcpy(page + (at - page_at), bytes, BLOCK_SIZE);
		return flash_write(page_at, page);
	}
	for (uint16_t i = 0; i < BLOCK_SIZE; i += 4) {
		if (REGISTER(at + i) != word_of(bytes + i)) nvmc_program(at + i, word_of(bytes + i));
	}
	return memcmp((const void *)(uintptr_t)at, bytes, BLOCK_SIZE) ? NOT_WRITTEN : DONE;
}
