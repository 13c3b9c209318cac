/*
 * tests/fuzz/fuzz: what a fuzz target includes first.
 *
 * A target is LLVMFuzzerTestOneInput over bytes from nowhere.  libFuzzer looks for bytes that break
 * it (`make fuzz T=name`); driver.c gives it the files of corpus/name (`make test`).  Bytes are
 * handed on as heap copies of their exact size, so that reading beyond them is noticed, and what a
 * parser lets through is checked for what its header promises.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/arena.h"
#include "shared/base/check.h"
#include "shared/base/id.h"
#include "shared/base/str.h"

#define FUZZ_ARENA_BYTES ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The arena of one input: as empty as it is for a request. */
static inline struct arena *
fuzz_arena(void)
{
	static struct arena *arena;

	if (arena == NULL)
		check(arena_new(FUZZ_ARENA_BYTES, &arena) == ERR_OK);
	arena_reset(arena);
	return arena;
}

/* SIZE bytes and a NUL, copied; they go with the arena. */
static inline char *
fuzz_bytes(struct arena *arena, const void *data, size_t size)
{
	char *copy = malloc(size + 1);

	check(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	copy[size] = '\0';
	check(arena_defer(arena, free, copy) == ERR_OK);
	return copy;
}

/* The same up to the first NUL, as texts end there. */
static inline char *
fuzz_text(struct arena *arena, const void *data, size_t size)
{
	return fuzz_bytes(arena, data, size > 0 ? strnlen(data, size) : 0);
}

/* Takes the text before the first line break, or all there is, off *DATA. */
static inline char *
fuzz_line(struct arena *arena, const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size > 0 ? memchr(*data, '\n', *size) : NULL;
	size_t len = end != NULL ? (size_t)(end - *data) : *size;
	char *line = fuzz_text(arena, *data, len);

	len += end != NULL;
	*data += len;
	*size -= len;
	return line;
}

static inline bool
fuzz_is_id(const struct id *id)
{
	struct id copy;

	return id_parse(id->text, &copy) == ERR_OK;
}

#endif
