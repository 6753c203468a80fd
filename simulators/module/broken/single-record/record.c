#include "boot.h"

#define MAGIC 0xb5u

static uint32_t crc32(const uint8_t *bytes, uint32_t size)
{
	uint32_t crc = ~0u;
	for (uint32_t at = 0; at < size; at++) {
		crc ^= bytes[at];
		for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
	}
	return ~crc;
}

static uint32_t crc_of(const struct record *record)
{
	return crc32((const uint8_t *)record, sizeof *record - sizeof record->crc);
}

static bool read_copy(uint32_t copy, struct record *record)
{
	if (flash_read(RECORDS_AT + copy * SECTOR_SIZE, record, sizeof *record) != 0) return false;
	return record->magic == MAGIC && record->crc == crc_of(record);
}

bool record_read(struct record *record)
{
	return read_copy(0, record);
}

/* Wrong: there is one record, and between erase and program there is none. */
bool record_write(const struct record *record)
{
	struct record next = *record, written;
	next.magic = MAGIC;
	next.crc = crc_of(&next);
	if (flash_erase(RECORDS_AT, SECTOR_SIZE) != 0 || flash_program(RECORDS_AT, &next, sizeof next) != 0) return false;
	return read_copy(0, &written);
}
