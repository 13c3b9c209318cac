#include "fcgi/items/item_place.h"

#include <inttypes.h>
#include <string.h>

#define ORDERS 3

/* Before every character of a key or a name, none of which is a control character. */
#define SEPARATOR '\x01'
#define BEHIND    '\x02'

static const char letters[ORDERS] = {
    [ITEM_BY_AGE] = 'n',
    [ITEM_BY_PRICE] = 'p',
    [ITEM_BY_NAME] = 'a',
};

unsigned
item_place_level(const struct id *id)
{
	unsigned level = 0;

	while (level + 1 < ITEM_LEVELS && id->text[ID_LEN - 1 - level] == '0')
		level++;
	return level;
}

const char *
item_place_text(struct arena *arena, enum item_order order, unsigned level, const char *key,
    const struct page_key *at)
{
	if (order == ITEM_BY_NAME)
		return arena_printf(arena, "%c%u%s%c%s%c%s", letters[order], level, key, SEPARATOR,
		    at->text, SEPARATOR, at->id.text);
	return arena_printf(arena, "%c%u%s%c%012" PRIx64 "%s", letters[order], level, key,
	    SEPARATOR, (uint64_t)at->number, at->id.text);
}

const char *
item_place_end(
    struct arena *arena, enum item_order order, unsigned level, const char *key, bool behind)
{
	return arena_printf(
	    arena, "%c%u%s%c", letters[order], level, key, behind ? BEHIND : SEPARATOR);
}

static enum err
add(struct arena *arena, enum item_order order, const struct key_list *keys, size_t count,
    const struct page_key *at, struct key_list *places)
{
	for (unsigned level = 0; level <= item_place_level(&at->id); level++)
		for (size_t i = 0; i < count; i++) {
			const char *text = item_place_text(arena, order, level, keys->list[i], at);

			TRY_ALLOC(text);
			places->list[places->count++] = text;
		}
	return ERR_OK;
}

enum err
item_places_of(struct arena *arena, const struct item *item, const char *name_key,
    const struct key_list *keys, size_t facet_count, struct key_list *out)
{
	const struct page_key by_age = {.number = item->created_at_ms, .id = item->id};
	const struct page_key by_price = {.number = item->price.amount_minor, .id = item->id};
	const struct page_key by_name = {.text = name_key, .id = item->id};
	size_t levels = 1 + item_place_level(&item->id);
	struct key_list places = {.count = 0};

	places.list =
	    arena_array(arena, levels * (2 * keys->count + facet_count), sizeof(*places.list));
	TRY_ALLOC(places.list);
	TRY(add(arena, ITEM_BY_AGE, keys, keys->count, &by_age, &places));
	TRY(add(arena, ITEM_BY_PRICE, keys, keys->count, &by_price, &places));
	TRY(add(arena, ITEM_BY_NAME, keys, facet_count, &by_name, &places));
	*out = places;
	return ERR_OK;
}

int
item_place_compare(const struct page_key *a, const struct page_key *b)
{
	int order;

	if (a->text != NULL && b->text != NULL)
		order = strcmp(a->text, b->text);
	else
		order = (a->number > b->number) - (a->number < b->number);
	return order != 0 ? order : strcmp(a->id.text, b->id.text);
}
