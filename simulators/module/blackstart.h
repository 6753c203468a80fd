/*
 * What a bootloader compiled to WebAssembly sees of Blackstart, and what Blackstart calls in it. One page of words stands
 * in README.md beside this file.
 *
 * Power may go at any flash operation and any advance of the counter: the call does not return, and the next boot begins
 * with memory as the module was loaded. Only flash and counter remember.
 */
#ifndef BLACKSTART_H
#define BLACKSTART_H

#include <stdint.h>

#define BLACKSTART_IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define BLACKSTART_EXPORT(name) __attribute__((export_name(name)))

/* ---- imports: the hardware ------------------------------------------------------------------------------------------ */

/*
 * Offsets count from the start of the flash part. 0: done. FLASH_UNREADABLE: a unit in the range was torn into an error,
 * until its sector is erased. FLASH_WORN: the sector bears no more erases. Anything a real part refuses (a range outside
 * it, half a unit, a bit back to erased without an erase) ends the run: it is a finding.
 */
#define FLASH_UNREADABLE (-1)
#define FLASH_WORN (-2)
BLACKSTART_IMPORT("flash", "read") int32_t flash_read(uint32_t offset, void *to, uint32_t size);
/* One operation, whatever its size; offset and size are multiples of the write size. */
BLACKSTART_IMPORT("flash", "program") int32_t flash_program(uint32_t offset, const void *from, uint32_t size);
/* One operation a sector, from the lowest up; whole sectors only. */
BLACKSTART_IMPORT("flash", "erase") int32_t flash_erase(uint32_t offset, uint32_t size);

/* The one-way security counter: fuses, or a secure element. `to` at or below its value is no change. */
BLACKSTART_IMPORT("counter", "read") uint32_t counter_read(void);
BLACKSTART_IMPORT("counter", "advance") void counter_advance(uint32_t to);

/* A line of text, UTF-8: the last ones stand in the finding when a boot goes wrong. */
BLACKSTART_IMPORT("log", "write") void log_write(const char *text, uint32_t size);

/* Only where layout.yaml gives `limits.watchdog`: that many steps without a call end the boot. */
BLACKSTART_IMPORT("watchdog", "feed") void watchdog_feed(void);

/* ---- exports: the bootloader ---------------------------------------------------------------------------------------- */

/* What boot() returns: BOOT_NONE, or a slot with what is true of the image in it. */
#define BOOT_NONE (-1)
#define BOOT_SLOT_A 0
#define BOOT_SLOT_B 1
/* The image is not confirmed: without confirm() within the promised boots it is given up. */
#define BOOT_TRIAL 0x100
/* The bootloader gave up the image that should have run. */
#define BOOT_REVERTED 0x200
/* Which boot of the trial this is, from 1. */
#define BOOT_ATTEMPT(n) ((int32_t)(n) << 16)
BLACKSTART_EXPORT("boot") int32_t boot(void);

/* What the others return: OK, or why not. */
#define OK 0
#define NO_RECORD (-1)
#define TRIAL_RUNNING (-2)
#define IMAGE_REFUSED (-3)
#define RECORD_NOT_WRITTEN (-4)
#define RECORD_DAMAGED (-5)

/*
 * Optional; what the running image asks for, and the factory's last step. Repeating one is no change and OK.
 * mark_pending: the image in `slot` is to be tried at the next boot, or run for good where `permanent` is 1.
 * confirm: the running image is good.
 * provision: the image in slot a counts as confirmed. Absent: devices leave the factory with blank records.
 */
BLACKSTART_EXPORT("mark_pending") int32_t mark_pending(int32_t slot, int32_t permanent);
BLACKSTART_EXPORT("confirm") int32_t confirm(void);
BLACKSTART_EXPORT("provision") int32_t provision(void);

#endif
