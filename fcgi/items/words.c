#include "fcgi/items/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "shared/base/cleanup.h"
#include "shared/base/str.h"

/* The caller frees *OUT. */
static enum err
fold(const char *text, char **out)
{
	const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
	    UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t len;

	len = utf8proc_map(
	    (const utf8proc_uint8_t *)text, (utf8proc_ssize_t)strlen(text), &folded, options);
	if (len < 0)
		return len == UTF8PROC_ERROR_NOMEM ? ERR_MEMORY : ERR_CORRUPT;
	*out = (char *)folded;
	return ERR_OK;
}

static bool
is_of_word(utf8proc_int32_t point)
{
	switch (utf8proc_category(point)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return true;
	default:
		return false;
	}
}

/* How many of the first LEN bytes fit MAX without cutting a character in two. */
static size_t
cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)text[max] & 0xC0) == 0x80)
		max--;
	return max;
}

struct gathering {
	struct arena *arena;
	const char **list;
	size_t count, room;
};

static enum err
gather(struct gathering *gathering, const char *start, size_t len)
{
	char *word = arena_memdup(gathering->arena, start, cut(start, len, WORD_MAX_BYTES));

	TRY_ALLOC(word);
	if (gathering->count == gathering->room) {
		size_t room = gathering->room == 0 ? 32 : gathering->room * 2;
		const char **list = arena_array(gathering->arena, room, sizeof(*list));

		TRY_ALLOC(list);
		if (gathering->count > 0)
			memcpy(list, gathering->list, gathering->count * sizeof(*list));
		gathering->list = list;
		gathering->room = room;
	}
	gathering->list[gathering->count++] = word;
	return ERR_OK;
}

static enum err
gather_text(struct gathering *gathering, const char *text)
{
	auto_free char *folded = NULL;
	const char *start = NULL; /* of the word being read */
	const char *at;

	TRY(fold(text, &folded));
	for (at = folded; *at != '\0';) {
		utf8proc_int32_t point;
		utf8proc_ssize_t step = utf8proc_iterate((const utf8proc_uint8_t *)at, -1, &point);

		if (step <= 0)
			return ERR_CORRUPT;
		if (is_of_word(point)) {
			if (start == NULL)
				start = at;
		} else if (start != NULL) {
			TRY(gather(gathering, start, (size_t)(at - start)));
			start = NULL;
		}
		at += step;
	}
	return start != NULL ? gather(gathering, start, (size_t)(at - start)) : ERR_OK;
}

static int
compare(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;

	return strcmp(*left, *right);
}

/* Sorted, each once. */
static struct words
in_order(struct gathering *gathering)
{
	size_t kept = 0;

	if (gathering->count > 0)
		qsort(gathering->list, gathering->count, sizeof(*gathering->list), compare);
	for (size_t i = 0; i < gathering->count; i++)
		if (kept == 0 || !str_equal(gathering->list[i], gathering->list[kept - 1]))
			gathering->list[kept++] = gathering->list[i];
	return (struct words){.list = gathering->list, .count = kept};
}

enum err
words_of_search(struct arena *arena, const char *text, struct words *out, const char **beginning)
{
	struct gathering gathering = {.arena = arena};

	*beginning = NULL;
	TRY(gather_text(&gathering, text));
	if (gathering.count > 0)
		*beginning = gathering.list[--gathering.count];
	*out = in_order(&gathering);
	return ERR_OK;
}

enum err
words_of(struct arena *arena, const char *const *texts, size_t count, struct words *out)
{
	struct gathering gathering = {.arena = arena};

	for (size_t i = 0; i < count; i++)
		if (texts[i] != NULL)
			TRY(gather_text(&gathering, texts[i]));
	*out = in_order(&gathering);
	return ERR_OK;
}

enum err
words_sort_key(struct arena *arena, const char *text, const char **out)
{
	auto_free char *folded = NULL;
	char *key;

	TRY(fold(text, &folded));
	key = arena_memdup(arena, folded, cut(folded, strlen(folded), WORDS_KEY_MAX_BYTES));
	TRY_ALLOC(key);
	*out = key;
	return ERR_OK;
}
