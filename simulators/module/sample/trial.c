#include "boot.h"

/* Only when the images have changed places is there a trial, and only a confirm ends it well. */
int32_t trial_start(struct record *record)
{
	if (!swap(record)) return BOOT_NONE;
	*record = (struct record){.state = TRIAL, .attempts = 0};
	return trial_boot(record);
}

/* Counts the boot, then runs: an image that never comes to its first instruction has still used it up. */
int32_t trial_boot(struct record *record)
{
	record->attempts++;
	if (!record_write(record)) return BOOT_NONE;
	return BOOT_SLOT_A | BOOT_TRIAL | BOOT_ATTEMPT(record->attempts);
}

BLACKSTART_EXPORT("mark_pending") int32_t mark_pending(int32_t slot, int32_t permanent)
{
	struct record record;
	if (slot != BOOT_SLOT_B || permanent) return IMAGE_REFUSED;
	if (!record_read(&record)) record = (struct record){.state = IDLE};
	if (record.state == PENDING) return OK;
	if (record.state != IDLE) return TRIAL_RUNNING;
	record.state = PENDING;
	return record_write(&record) ? OK : RECORD_NOT_WRITTEN;
}

BLACKSTART_EXPORT("confirm") int32_t confirm(void)
{
	struct record record;
	uint32_t security_counter;
	if (!record_read(&record)) return NO_RECORD;
	if (record.state != TRIAL) return OK;
	record = (struct record){.state = IDLE};
	if (!record_write(&record)) return RECORD_NOT_WRITTEN;
	/* After the record, never before: power in between must not lock out an image that is still the confirmed one. */
	if (image_is_valid(SLOT_A_AT, &security_counter)) counter_advance(security_counter);
	return OK;
}

BLACKSTART_EXPORT("provision") int32_t provision(void)
{
	struct record record = {.state = IDLE};
	return record_write(&record) ? OK : RECORD_NOT_WRITTEN;
}
