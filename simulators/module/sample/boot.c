#include "boot.h"

static int32_t run(int32_t flags)
{
	uint32_t security_counter;
	if (image_is_valid(SLOT_A_AT, &security_counter)) return BOOT_SLOT_A | flags;
	LOG("slot a: no valid image");
	return BOOT_NONE;
}

/* The image is confirmed: older ones may never run again. Here too, for power may have gone right after the confirm. */
static int32_t run_confirmed(int32_t flags)
{
	uint32_t security_counter;
	if (image_is_valid(SLOT_A_AT, &security_counter)) counter_advance(security_counter);
	return run(flags);
}

static int32_t start_update(struct record *record)
{
	uint32_t security_counter;
	if (!image_is_valid(SLOT_B_AT, &security_counter)) {
		LOG("slot b: the update is refused");
		*record = (struct record){.state = IDLE};
		return record_write(record) ? run_confirmed(0) : BOOT_NONE;
	}
	record->state = SWAPPING;
	record->sector = 0;
	record->step = 0;
	if (!record_write(record)) return BOOT_NONE;
	return trial_start(record);
}

static int32_t revert(struct record *record)
{
	if (!swap(record)) return BOOT_NONE;
	*record = (struct record){.state = IDLE};
	return record_write(record) ? run_confirmed(BOOT_REVERTED) : BOOT_NONE;
}

static int32_t go_on_trial(struct record *record)
{
	uint32_t security_counter;
	if (record->attempts < TRIAL_BOOTS && image_is_valid(SLOT_A_AT, &security_counter)) return trial_boot(record);
	if (!image_is_valid(SLOT_B_AT, &security_counter)) {
		LOG("slot b: nothing to go back to");
		return run(BOOT_TRIAL | BOOT_ATTEMPT(record->attempts));
	}
	record->state = REVERTING;
	record->sector = 0;
	record->step = 0;
	return record_write(record) ? revert(record) : BOOT_NONE;
}

BLACKSTART_EXPORT("boot") int32_t boot(void)
{
	struct record record;
	if (!record_read(&record)) {
		LOG("no record: a part that was never provisioned");
		return run(0);
	}
	switch (record.state) {
	case PENDING:
		return start_update(&record);
	case SWAPPING:
		return trial_start(&record);
	case TRIAL:
		return go_on_trial(&record);
	case REVERTING:
		return revert(&record);
	default:
		return run_confirmed(0);
	}
}
