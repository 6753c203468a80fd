#pragma once

#define ISR(vector) void vector(void)
#define cli() __asm volatile("cpsid i" ::: "memory")
#define sei() __asm volatile("cpsie i" ::: "memory")
