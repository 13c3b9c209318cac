/*
 * dev/catalogue_items: believable items, each derived from its number alone.
 */
#ifndef DEV_CATALOGUE_ITEMS_H
#define DEV_CATALOGUE_ITEMS_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/items/item.h"
#include "shared/base/check.h"
#include "shared/base/macros.h"

#define FIRST_MS      INT64_C(1700000000000)
#define CATEGORIES    40
#define PER_SELLER    50
#define MAKER_WORDS   400
#define LETTERS_START "bdfgklmnprstvz"
#define VOWELS        "aeiou"

static const char *const adjectives[] = {"red", "blue", "old", "small", "large", "quiet", "solid",
    "folding", "wooden", "brass", "ceramic", "woollen", "bright", "heavy", "light", "modern",
    "vintage", "portable", "round", "square"};
static const char *const things[] = {"lamp", "desk", "chair", "rug", "kettle", "bicycle", "clock",
    "mirror", "shelf", "blanket", "notebook", "radio", "camera", "bowl", "basket", "guitar",
    "jacket", "boots", "lantern", "table", "cushion", "vase", "toolbox", "telescope", "puzzle"};
static const char *const uses[] = {"for the kitchen", "for the garden", "for long evenings",
    "for travel", "made to last", "a gift for a friend", "from a small workshop",
    "with two years of warranty", "easy to clean", "almost new"};

static void
fail(const char *what)
{
	(void)fprintf(stderr, "catalogue: %s\n", what);
	exit(EXIT_FAILURE);
}

static void
must(enum err err, const char *what)
{
	if (err == ERR_OK)
		return;
	(void)fprintf(stderr, "catalogue: %s: %s\n", what, err_name(err));
	exit(EXIT_FAILURE);
}

/* splitmix64: the same number for the same NUMBER and SALT, everywhere. */
static uint64_t
mix(uint64_t number, uint64_t salt)
{
	uint64_t x =
	    (number + 1) * UINT64_C(0x9E3779B97F4A7C15) + salt * UINT64_C(0xD1B54A32D192ED03);

	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

#define PICK(list, number, salt) (list)[mix(number, salt) % COUNT_OF(list)]

/* Below COUNT: small numbers often, great ones seldom. */
static uint64_t
skewed(uint64_t number, uint64_t salt, uint64_t count)
{
	return mix(number, salt) % count * (mix(number, salt + 100) % count) / count;
}

static void
put_id(uint64_t ms, uint64_t rest, struct id *out)
{
	char text[64];

	(void)snprintf(text, sizeof(text),
	    "%08" PRIx64 "-%04" PRIx64 "-7%03" PRIx64 "-8%03" PRIx64 "-%012" PRIx64,
	    ms >> 16 & 0xFFFFFFFF, ms & 0xFFFF, rest >> 52 & 0xFFF, rest >> 40 & 0xFFF,
	    rest & UINT64_C(0xFFFFFFFFFF));
	must(id_parse(text, out), "an id");
}

static void
item_id(uint64_t number, struct id *out)
{
	put_id((uint64_t)FIRST_MS + number, mix(number, 1), out);
}

static void
seller_id(uint64_t number, struct id *out)
{
	put_id((uint64_t)FIRST_MS, mix(number / PER_SELLER, 2), out);
}

/* A maker's name: "Veludo". */
static const char *
maker(struct arena *arena, uint64_t number)
{
	char name[16];
	size_t len = 0;

	for (uint64_t i = 0; i < 3; i++) {
		name[len++] = LETTERS_START[mix(number, 10 + i) % strlen(LETTERS_START)];
		name[len++] = VOWELS[mix(number, 20 + i) % strlen(VOWELS)];
	}
	name[len] = '\0';
	name[0] = (char)(name[0] - 'a' + 'A');
	return arena_strdup(arena, name);
}

static const char *
category(struct arena *arena, uint64_t at)
{
	return arena_printf(arena, "%s-%s", adjectives[at % 8], things[at % 25]);
}

static void
make_item(struct arena *arena, uint64_t number, struct item *out)
{
	const char *thing = things[skewed(number, 3, COUNT_OF(things))];
	const char **tags = arena_array(arena, 2, sizeof(*tags));
	struct item_draft draft = {.has_stock = true, .tags = tags, .tag_count = 2};
	struct id id;
	struct id seller;

	check(tags != NULL);
	tags[0] = PICK(adjectives, number, 4);
	tags[1] = arena_printf(arena, "series %" PRIu64, mix(number, 5) % 500);
	draft.name =
	    arena_printf(arena, "%s %s %s %" PRIu64, maker(arena, skewed(number, 6, MAKER_WORDS)),
		PICK(adjectives, number, 8), thing, mix(number, 9) % 900 + 100);
	draft.description = arena_printf(
	    arena, "A %s %s, %s.", PICK(adjectives, number, 11), thing, PICK(uses, number, 12));
	draft.category = category(arena, skewed(number, 13, CATEGORIES));
	/* Most cost so much and 99 cents. */
	draft.price.amount_minor = (int64_t)(skewed(number, 14, 900) * 100 + 99);
	if (mix(number, 15) % 8 == 0)
		draft.price.amount_minor += (int64_t)(mix(number, 19) % 100);
	memcpy(draft.price.currency, mix(number, 16) % 5 == 0 ? "USD" : "EUR", 4);
	draft.stock = mix(number, 17) % 20 == 0 ? 0 : (int64_t)(mix(number, 18) % 200 + 1);
	item_id(number, &id);
	seller_id(number, &seller);
	item_make(&draft, &id, &seller, FIRST_MS + (int64_t)number * 1000, out);
}

#endif
