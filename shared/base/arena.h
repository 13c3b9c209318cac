/*
 * base/arena: memory that lives as long as one request (or one job), capped.
 *
 * Layer: base.  Blocks are kept between resets up to the first one, so that a worker in steady
 * state calls malloc for nothing.  The overflow is sticky: once an allocation was refused, all are
 * refused until arena_reset, and arena_overflowed tells.  One thread at a time.
 */
#ifndef SHARED_BASE_ARENA_H
#define SHARED_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "shared/base/cleanup.h"
#include "shared/base/err.h"

struct arena;

/* An arena that hands out at most CAP_BYTES between two resets.  ERR_MEMORY. */
MUST_USE enum err arena_new(size_t cap_bytes, struct arena **out);
/* Runs the destructors, frees everything, nulls *arena. */
void arena_free(struct arena **arena);
/* Runs the destructors, newest first; everything handed out before is gone. */
void arena_reset(struct arena *arena);
bool arena_overflowed(const struct arena *arena);
size_t arena_used_bytes(const struct arena *arena);

/* SIZE bytes, zeroed, aligned for anything; NULL when the cap is reached. */
void *arena_alloc(struct arena *arena, size_t size);
/* COUNT elements of SIZE; NULL on overflow of the product too. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* NUL-terminated copies.  NULL at the cap.  arena_memdup adds a NUL after LEN bytes. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_memdup(struct arena *arena, const void *bytes, size_t len);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args) PRINTF_LIKE(2, 0);

/*
 * Runs destroy(object) at the next reset: ties a foreign object (a cJSON tree, a PGresult) to the
 * request.  On ERR_MEMORY the object is destroyed at once, so the caller never owns it afterwards.
 */
MUST_USE enum err arena_defer(struct arena *arena, void (*destroy)(void *), void *object);

#define auto_arena AUTO_OF(arena_free)

#endif
