#include "fcgi/items/item_keys.h"

#include <string.h>

#include "shared/base/str.h"

#define SHORT_CHARS 3
#define LONG_CHARS  6

const char *
item_key_facet(struct arena *arena, char kind, const char *value)
{
	return arena_printf(arena, "%c:%s", kind, value);
}

/* Bytes of the first CHARS characters of WORD, or of all when there are not as many. */
static size_t
beginning(const char *word, size_t chars)
{
	size_t len = strlen(word);
	size_t at = 0;

	for (size_t i = 0; i < chars && at < len; i++) {
		size_t step = utf8_sequence(word + at, len - at);

		at += step > 0 ? step : 1;
	}
	return at;
}

static const char *
word_key(struct arena *arena, const char *word, size_t chars)
{
	return arena_printf(arena, "p:%.*s", (int)beginning(word, chars), word);
}

enum err
item_key_word(struct arena *arena, const char *word, bool is_beginning, const char **out)
{
	size_t chars = utf8_length(word);

	*out = NULL;
	if (chars < SHORT_CHARS && is_beginning)
		return ERR_OK;
	*out = word_key(arena, word, chars >= LONG_CHARS ? LONG_CHARS : SHORT_CHARS);
	TRY_ALLOC(*out);
	return ERR_OK;
}

static enum err
add(struct key_list *keys, const char *key)
{
	TRY_ALLOC(key);
	for (size_t i = 0; i < keys->count; i++)
		if (str_equal(keys->list[i], key))
			return ERR_OK;
	keys->list[keys->count++] = key;
	return ERR_OK;
}

/* Words are sorted: what begins alike stands together. */
static enum err
add_word(struct key_list *keys, const char *key)
{
	TRY_ALLOC(key);
	if (keys->count >= 1 && str_equal(keys->list[keys->count - 1], key))
		return ERR_OK;
	if (keys->count >= 2 && str_equal(keys->list[keys->count - 2], key))
		return ERR_OK;
	keys->list[keys->count++] = key;
	return ERR_OK;
}

enum err
item_keys_of(struct arena *arena, const struct item *item, const struct words *words,
    struct key_list *out, size_t *facet_count)
{
	struct key_list keys = {.count = 0};

	keys.list = arena_array(arena, 4 + item->tag_count + 2 * words->count, sizeof(*keys.list));
	TRY_ALLOC(keys.list);
	TRY(add(&keys, ITEM_KEY_ALL));
	TRY(add(&keys, item_key_facet(arena, 's', item->seller_id.text)));
	TRY(add(&keys, item_key_facet(arena, 'm', item->price.currency)));
	if (item->category != NULL)
		TRY(add(&keys, item_key_facet(arena, 'c', item->category)));
	for (size_t i = 0; i < item->tag_count; i++)
		TRY(add(&keys, item_key_facet(arena, 't', item->tags[i])));
	*facet_count = keys.count;
	for (size_t i = 0; i < words->count; i++) {
		TRY(add_word(&keys, word_key(arena, words->list[i], SHORT_CHARS)));
		if (utf8_length(words->list[i]) >= LONG_CHARS)
			TRY(add_word(&keys, word_key(arena, words->list[i], LONG_CHARS)));
	}
	*out = keys;
	return ERR_OK;
}
