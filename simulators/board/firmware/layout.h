// Where the board keeps what: shared by bootloader and application. README.md of this folder's parent has the tables.
#pragma once
#include <stdint.h>

#ifdef __AVR__
#define BOARD_NAME "avr"
#define HARDWARE 0x328fu
#ifndef SLOT_PAGES
#define SLOT_PAGES 64u
#endif
#define PAGE_SIZE 128u
#define RUNNING_AT 0u
#define SERVICES_AT 0x7ff0u
#define BAUD_DIVISOR 3u  // 16 MHz / (8 * (3 + 1)) = 500000
#else
#include "part.h"
#endif

#define SLOT_SIZE (SLOT_PAGES * PAGE_SIZE)
#define SECOND_AT (RUNNING_AT + SLOT_SIZE)
// A staged image begins one page into the second slot: the free page is what lets pages change places in both directions.
#define STAGED_AT (SECOND_AT + PAGE_SIZE)
#define TRIAL_BOOTS 3u

// What goes over the console in one piece; pages are what change places.
#define BLOCK_SIZE 128u
#define SLOT_BLOCKS (SLOT_SIZE / BLOCK_SIZE)

struct footer {
	uint8_t magic[4];
	uint16_t hardware;
	uint8_t version[3];
	uint8_t security;
	uint16_t fill_crc;
	uint16_t fill_at;
	uint8_t zero[34];
	uint8_t mac[16];
};

#define FOOTER_AT (SLOT_SIZE - sizeof(struct footer))

// EEPROM
#define COUNTER_AT 0x000u  // two copies of struct counter
#define RECORD_AT 0x010u   // two copies of struct record
#define JOURNAL_AT 0x020u  // one bit a step, cleared when it is done
#define JOURNAL_SIZE 32u
#define SERIAL_AT 0x040u   // 16 characters, written by the factory
#define SETTINGS_AT 0x080u // two copies of 128 bytes

struct __attribute__((packed)) counter {
	uint32_t value;
	uint16_t crc;
};

enum phase { CONFIRMED = 0, REQUESTED = 1, INSTALLING = 2, TRIAL = 3, RESTORING = 4 };
enum last { NONE = 0, NOT_CONFIRMED = 1, IMAGE_INVALID = 2, REFUSED = 0x10 };
// Added to REFUSED in a record.
enum verdict { GOOD = 0, BAD_MAGIC = 1, BAD_HARDWARE = 2, BAD_MAC = 3, BAD_SECURITY = 4 };

// The newer of two copies is the one whose sequence follows the other's, modulo four.
struct record {
	uint8_t sequence;
	uint8_t phase;
	uint8_t attempts;
	uint8_t last;
	uint8_t security;
	uint8_t zero;
	uint16_t crc;
};

struct boot_state {
	struct record record;
	uint32_t nonce;
};

// What the bootloader does for a running application, one after the other from SERVICES_AT on: jumps on the AVR, addresses elsewhere. 0 is success.
enum service_result { DONE = 0, OUT_OF_RANGE = 1, NOT_WRITTEN = 2, TRIAL_RUNNING = 3, NOT_TRIAL = 4 };
typedef uint8_t (*write_block_service)(uint16_t block, const uint8_t *bytes);
typedef uint8_t (*plain_service)(void);
typedef void (*state_service)(struct boot_state *state);
#ifdef __AVR__
#define SERVICE(type, number) ((type)(SERVICES_AT / 2u + (number)))
#else
#define SERVICE(type, number) (((const type *)SERVICES_AT)[number])
#endif
#define WRITE_BLOCK SERVICE(write_block_service, 0)
#define REQUEST_TRIAL SERVICE(plain_service, 1)
#define CONFIRM SERVICE(plain_service, 2)
#define READ_STATE SERVICE(state_service, 3)
// Where erasing takes long, all that is to be staged is erased before the first block.
#ifdef __AVR__
#define ERASE_STAGED()
#else
typedef void (*erase_service)(void);
#define ERASE_STAGED SERVICE(erase_service, 4)
#endif
