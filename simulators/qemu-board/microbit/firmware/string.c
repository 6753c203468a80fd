// What the shared firmware, and the compiler by itself, calls of the C library.
#include <stdint.h>
#include <string.h>

void *memcpy(void *to, const void *from, size_t size) {
	uint8_t *target = to;
	for (const uint8_t *source = from; size--;) *target++ = *source++;
	return to;
}

void *memmove(void *to, const void *from, size_t size) {
	if ((uintptr_t)to <= (uintptr_t)from) return memcpy(to, from, size);
	while (size--) ((uint8_t *)to)[size] = ((const uint8_t *)from)[size];
	return to;
}

void *memset(void *to, int byte, size_t size) {
	for (uint8_t *target = to; size--;) *target++ = byte;
	return to;
}

int memcmp(const void *one, const void *other, size_t size) {
	const uint8_t *a = one, *b = other;
	for (; size--; a++, b++) {
		if (*a != *b) return *a - *b;
	}
	return 0;
}

size_t strlen(const char *text) {
	size_t length = 0;
	while (text[length]) length++;
	return length;
}

char *strcpy(char *to, const char *from) { return memcpy(to, from, strlen(from) + 1); }

char *strcat(char *to, const char *from) {
	strcpy(to + strlen(to), from);
	return to;
}

char *strchr(const char *text, int character) {
	for (; *text != (char)character; text++) {
		if (!*text) return 0;
	}
	return (char *)text;
}

int strncmp(const char *one, const char *other, size_t size) {
	for (; size--; one++, other++) {
		if (*one != *other || !*one) return (uint8_t)*one - (uint8_t)*other;
	}
	return 0;
}

int strcmp(const char *one, const char *other) { return strncmp(one, other, SIZE_MAX); }
