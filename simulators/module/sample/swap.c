#include "boot.h"

static bool copy_sector(uint32_t from, uint32_t to)
{
	static uint8_t buffer[SECTOR_SIZE];
	return flash_read(from, buffer, SECTOR_SIZE) == 0 && flash_erase(to, SECTOR_SIZE) == 0 && flash_program(to, buffer, SECTOR_SIZE) == 0;
}

/*
 * Every step copies out of a sector that no later start of the same step has touched, so that it may be done again as
 * often as power goes; the record moves on when it is whole.
 */
bool swap(struct record *record)
{
	while (record->sector < SLOT_SECTORS) {
		const uint32_t a = SLOT_A_AT + record->sector * SECTOR_SIZE;
		const uint32_t b = SLOT_B_AT + record->sector * SECTOR_SIZE;
		watchdog_feed();
		switch (record->step) {
		case 0:
			if (!copy_sector(a, SCRATCH_AT)) return false;
			break;
		case 1:
			if (!copy_sector(b, a)) return false;
			break;
		default:
			if (!copy_sector(SCRATCH_AT, b)) return false;
			break;
		}
		if (++record->step == 3) {
			record->step = 0;
			record->sector++;
		}
		if (!record_write(record)) return false;
	}
	return true;
}
