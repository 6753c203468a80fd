/*
 * The sample: an own bootloader with one slot that runs (a), one for updates (b), and a record in two copies.
 * An update changes places with the image that runs, sector by sector through a scratch sector, and goes back the same
 * way unless it confirms itself. The numbers here must be those of layout.yaml.
 *
 *   boot.c    what runs now
 *   trial.c   requests, trials and confirms
 *   swap.c    moves the images
 *   record.c  what is known from one boot to the next
 *   image.c   whether an image may run (SHA-256; a real one checks a signature here too)
 */
#ifndef BOOT_H
#define BOOT_H

#include "blackstart.h"
#include <stdbool.h>

#ifndef SECTOR_SIZE /* another part: CFLAGS='-DSECTOR_SIZE=4096u …' ./build.sh, with all seven */
#define SECTOR_SIZE 1024u
#define RECORDS_AT 0u                /* two sectors */
#define SCRATCH_AT (2 * SECTOR_SIZE) /* one sector */
#define SLOT_SECTORS 4u
#define SLOT_A_AT (3 * SECTOR_SIZE)
#define SLOT_B_AT (SLOT_A_AT + SLOT_SECTORS * SECTOR_SIZE)
#define TRIAL_BOOTS 2u
#endif
#define SLOT_SIZE (SLOT_SECTORS * SECTOR_SIZE)

enum state {
	IDLE,      /* the image in slot a is confirmed */
	PENDING,   /* the one in slot b is to be tried */
	SWAPPING,  /* on the way to the trial */
	TRIAL,     /* the new image runs from slot a, unconfirmed; slot b has the old one */
	REVERTING, /* on the way back */
};

/* 16 bytes: whole units of every write size up to 16. */
struct record {
	uint8_t magic;
	uint8_t sequence; /* 0 to 3, then 0 again: of two copies only "the next one" must be told, and states stay countable */
	uint8_t state;
	uint8_t attempts; /* boots of the trial so far */
	uint8_t sector;   /* of a swap: the sector under way, and what is done of it */
	uint8_t step;
	uint8_t unused[6];
	uint32_t crc;
};

bool record_read(struct record *record);
bool record_write(const struct record *record);

bool image_is_valid(uint32_t at, uint32_t *security_counter);

/* Changes the places of slots a and b, from wherever the record says; `record` is what it says at the end. */
bool swap(struct record *record);

int32_t trial_start(struct record *record);
int32_t trial_boot(struct record *record);

#define LOG(text) log_write(text, sizeof(text) - 1)

#endif
