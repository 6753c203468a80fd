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

/* The copy with the newest whole record, -1: none. */
static int newest(struct record *record)
{
	struct record first, second;
	const bool has_first = read_copy(0, &first);
	const bool has_second = read_copy(1, &second);
	if (!has_first && !has_second) return -1;
	const bool is_second = has_second && (!has_first || second.sequence == ((first.sequence + 1) & 3));
	*record = is_second ? second : first;
	return is_second ? 1 : 0;
}

bool record_read(struct record *record)
{
	return newest(record) >= 0;
}

/* Into the copy that is not the newest: whatever power does to it, the newest stays. */
bool record_write(const struct record *record)
{
	struct record last, next = *record, written;
	const int copy = newest(&last);
	const uint32_t at = RECORDS_AT + (copy == 0 ? SECTOR_SIZE : 0);
	next.magic = MAGIC;
	next.sequence = copy < 0 ? 0 : (last.sequence + 1) & 3;
	next.crc = crc_of(&next);
	if (flash_erase(at, SECTOR_SIZE) != 0 || flash_program(at, &next, sizeof next) != 0) return false;
	return read_copy(copy == 0 ? 1 : 0, &written) && written.sequence == next.sequence;
}
