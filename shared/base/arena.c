#include "shared/base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/base/num.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

/*
 * Under AddressSanitizer what is not handed out is poisoned, and a gap follows each piece, so that
 * a read past a piece's end or after a reset is found as with malloc.
 */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define GAP_BYTES 16
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define GAP_BYTES                             0
#endif

#define FIRST_BLOCK_BYTES ((size_t)32 * 1024)
#define LATER_BLOCK_BYTES ((size_t)64 * 1024)

struct block {
	struct block *older;
	size_t size;
	_Alignas(max_align_t) unsigned char bytes[];
};

struct deferral {
	struct deferral *older;
	void (*destroy)(void *);
	void *object;
};

struct arena {
	size_t cap_bytes;
	size_t used_bytes;
	bool overflowed;
	unsigned char *at;    /* next free byte of the block being filled */
	unsigned char *limit; /* its end */
	struct block *first;
	struct block *later;        /* newest first */
	struct deferral *deferrals; /* newest first */
};

static struct block *
block_new(size_t size)
{
	struct block *block;
	size_t whole;

	if (!num_add_size(sizeof(*block), size, &whole))
		return NULL;
	block = malloc(whole);
	if (block == NULL)
		return NULL;
	block->older = NULL;
	block->size = size;
	ASAN_POISON_MEMORY_REGION(block->bytes, size);
	return block;
}

static void
block_free(struct block *block)
{
	ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
	free(block);
}

static void
start_filling(struct arena *arena, struct block *block)
{
	arena->at = block->bytes;
	arena->limit = block->bytes + block->size;
}

enum err
arena_new(size_t cap_bytes, struct arena **out)
{
	struct arena *arena = calloc(1, sizeof(*arena));
	size_t size = cap_bytes < FIRST_BLOCK_BYTES ? cap_bytes : FIRST_BLOCK_BYTES;

	if (arena == NULL)
		return ERR_MEMORY;
	arena->cap_bytes = cap_bytes;
	arena->first = block_new(size + GAP_BYTES);
	if (arena->first == NULL) {
		free(arena);
		return ERR_MEMORY;
	}
	start_filling(arena, arena->first);
	*out = arena;
	return ERR_OK;
}

void
arena_free(struct arena **arena)
{
	if (*arena == NULL)
		return;
	arena_reset(*arena);
	block_free((*arena)->first);
	free(*arena);
	*arena = NULL;
}

void
arena_reset(struct arena *arena)
{
	while (arena->deferrals != NULL) {
		struct deferral *deferral = arena->deferrals;

		arena->deferrals = deferral->older;
		deferral->destroy(deferral->object);
	}
	while (arena->later != NULL) {
		struct block *block = arena->later;

		arena->later = block->older;
		block_free(block);
	}
	ASAN_POISON_MEMORY_REGION(arena->first->bytes, arena->first->size);
	start_filling(arena, arena->first);
	arena->used_bytes = 0;
	arena->overflowed = false;
}

bool
arena_overflowed(const struct arena *arena)
{
	return arena->overflowed;
}

size_t
arena_used_bytes(const struct arena *arena)
{
	return arena->used_bytes;
}

/* A piece of a block of its own, or the first of a new block that is filled from now on. */
static unsigned char *
take_from_new_block(struct arena *arena, size_t size)
{
	bool own = size > LATER_BLOCK_BYTES / 4;
	struct block *block = block_new((own ? size : LATER_BLOCK_BYTES) + GAP_BYTES);

	if (block == NULL)
		return NULL;
	block->older = arena->later;
	arena->later = block;
	if (own)
		return block->bytes;
	start_filling(arena, block);
	arena->at += size + GAP_BYTES;
	return block->bytes;
}

/* SIZE bytes, not zeroed.  ALIGNMENT is a power of two, at most that of max_align_t. */
static void *
take(struct arena *arena, size_t size, size_t alignment)
{
	size_t pad = (size_t)(-(uintptr_t)arena->at & (alignment - 1));
	size_t room = (size_t)(arena->limit - arena->at);
	unsigned char *piece;

	if (arena->overflowed || size > arena->cap_bytes - arena->used_bytes)
		goto refused;
	if (pad + GAP_BYTES <= room && size <= room - pad - GAP_BYTES) {
		/* Padding counts, or many small pieces would pass the cap unseen. */
		if (pad > arena->cap_bytes - arena->used_bytes - size)
			goto refused;
		piece = arena->at + pad;
		arena->at = piece + size + GAP_BYTES;
		arena->used_bytes += pad + size;
	} else {
		piece = take_from_new_block(arena, size);
		if (piece == NULL)
			goto refused;
		arena->used_bytes += size;
	}
	ASAN_UNPOISON_MEMORY_REGION(piece, size);
	return piece;
refused:
	arena->overflowed = true;
	return NULL;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	void *piece = take(arena, size > 0 ? size : 1, _Alignof(max_align_t));

	if (piece != NULL)
		memset(piece, 0, size);
	return piece;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t whole;

	if (!num_mul_size(count, size, &whole)) {
		arena->overflowed = true;
		return NULL;
	}
	return arena_alloc(arena, whole);
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_memdup(arena, text, strlen(text));
}

char *
arena_memdup(struct arena *arena, const void *bytes, size_t len)
{
	size_t size;
	char *copy;

	if (!num_add_size(len, 1, &size)) {
		arena->overflowed = true;
		return NULL;
	}
	copy = take(arena, size, 1);
	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

char *
arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	char brief[256]; /* most texts fit, and are formatted once */
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(brief, sizeof(brief), format, args);
	check(len >= 0);
	if ((size_t)len < sizeof(brief)) {
		text = arena_memdup(arena, brief, (size_t)len);
	} else {
		text = take(arena, (size_t)len + 1, 1);
		if (text != NULL)
			(void)vsnprintf(text, (size_t)len + 1, format, again);
	}
	va_end(again);
	return text;
}

enum err
arena_defer(struct arena *arena, void (*destroy)(void *), void *object)
{
	struct deferral *deferral = arena_alloc(arena, sizeof(*deferral));

	if (deferral == NULL) {
		destroy(object);
		return ERR_MEMORY;
	}
	deferral->older = arena->deferrals;
	deferral->destroy = destroy;
	deferral->object = object;
	arena->deferrals = deferral;
	return ERR_OK;
}
