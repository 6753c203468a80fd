#pragma once

// With interrupts off: one that is pending ends the sleep, and is served when they are on again.
#define SLEEP_AND_ENABLE_INTERRUPTS() __asm volatile("wfi\n\tcpsie i" ::: "memory")
