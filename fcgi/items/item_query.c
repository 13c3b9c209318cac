#include "fcgi/items/item_query.h"

#include "fcgi/items/item_gather.h"
#include "fcgi/items/item_search.h"

struct run {
	struct search_run base;
	struct search_keys keys;
	const struct search_order *order;
	bool stopped;
};

static enum err
visit(void *context, const bson_t *document, bool *stop)
{
	struct run *run = context;
	struct page_key key;
	struct item item;

	TRY(item_from_document(run->base.arena, document, &item));
	TRY(search_place(document, run->order, &key));
	TRY(run->base.walk->each(run->base.walk->context, &item, &key, stop));
	run->stopped = *stop;
	return ERR_OK;
}

/* How many of those under a key are what is asked for. */
enum yield { ALL, NEARLY_ALL, ANY };

/*
 * In the order of the list, under KEY: until the page is full; but where not ALL under it are
 * asked for, through some ITEM_LOOK_MAX items and no further, and first, when they NEARLY_ALL are,
 * through as many as the page may need.
 */
static enum err
walk_order(
    struct run *run, const char *key, enum yield yield, struct page_key *resume, bool *ended_early)
{
	const struct page *page = run->base.page;
	struct search_bounds bounds = {.has_after = page->has_after};
	bool last = yield == ANY;
	bool more, far;

	bounds.after = (struct page_key){
	    .number = page->after_number,
	    .text = page->after_text,
	    .id = page->after_id,
	};
	do {
		int64_t want = last ? ITEM_LOOK_MAX : page->limit + 1 - run->base.visited;

		TRY(item_reach(&run->base, run->order, key, &bounds, want, &bounds.before,
		    &bounds.has_before));
		do {
			TRY(item_gather(&run->base, run->order, key, &bounds, run->order, visit,
			    run, resume, &more, &far));
			if (far) {
				bounds.has_before = true;
				bounds.before = *resume;
			}
		} while (far);
		if (run->stopped || more)
			break;
		bounds.has_after = true;
		bounds.after = bounds.before;
		if (last)
			break;
		last = yield != ALL;
	} while (bounds.has_before && run->base.visited <= page->limit);
	*ended_early = !run->stopped && (more || bounds.has_before);
	if (!more && bounds.has_before)
		*resume = bounds.before;
	return ERR_OK;
}

/* All that is under KEY in ORDER's list, put in the order of this one.  *fits false: it is too much
 * after all. */
static enum err
gather_all(struct run *run, const struct search_order *order, const char *key,
    struct page_key *resume, bool *ended_early, bool *fits)
{
	const struct search_bounds all = {.has_after = false};
	bool far;

	TRY(item_gather(
	    &run->base, order, key, &all, run->order, visit, run, resume, ended_early, &far));
	*fits = !far;
	return ERR_OK;
}

struct lead { /* what leads to few items, or to the fewest */
	const struct search_order *order;
	const char *key;
	int64_t size;
};

/* Of the keys that lead anywhere: *fewest of all, and *walked of those in the order of the list. */
static enum err
weigh_keys(struct run *run, struct lead *fewest, struct lead *walked)
{
	for (size_t i = 0; i < run->keys.count && fewest->size > ITEM_LOOK_MAX; i++) {
		const struct search_key *key = &run->keys.list[i];
		struct lead lead = {.order = fewest->order, .key = key->text};

		if (str_equal(key->text, ITEM_KEY_ALL))
			continue;
		TRY(item_estimate(&run->base, lead.order, lead.key, &lead.size));
		if (lead.size < fewest->size)
			*fewest = lead;
		if (lead.size < walked->size && (!key->is_word || run->order->words))
			*walked = lead;
	}
	return ERR_OK;
}

/* Few items may be at these prices. */
static enum err
weigh_prices(struct run *run, struct lead *fewest)
{
	const struct item_filter *filter = run->base.filter;
	struct lead lead = {.order = search_order_of(ITEM_SORT_PRICE)};

	if (fewest->size <= ITEM_LOOK_MAX || (!filter->has_min_price && !filter->has_max_price))
		return ERR_OK;
	lead.key = item_key_facet(run->base.arena, 'm', filter->currency);
	TRY_ALLOC(lead.key);
	TRY(item_estimate(&run->base, lead.order, lead.key, &lead.size));
	if (lead.size < fewest->size)
		*fewest = lead;
	return ERR_OK;
}

static enum err
run_query(struct run *run, struct page_key *resume, bool *ended_early)
{
	const struct item_filter *filter = run->base.filter;
	struct lead fewest = {search_order_of(ITEM_SORT_CREATED_DOWN), ITEM_KEY_ALL, INT64_MAX};
	struct lead walked = fewest;
	bool fits = false;
	bool likely;

	if (run->keys.exact &&
	    (run->order->by == ITEM_BY_PRICE || (!filter->has_min_price && !filter->has_max_price)))
		return walk_order(run, run->keys.list[0].text, ALL, resume, ended_early);
	TRY(weigh_keys(run, &fewest, &walked));
	TRY(weigh_prices(run, &fewest));
	if (fewest.size <= ITEM_LOOK_MAX)
		TRY(gather_all(run, fewest.order, fewest.key, resume, ended_early, &fits));
	if (fits)
		return ERR_OK;
	likely = run->keys.likely && walked.key == run->keys.list[0].text;
	return walk_order(run, walked.key, likely ? NEARLY_ALL : ANY, resume, ended_early);
}

enum err
item_query_run(struct item_store *store, const struct deadline *deadline, struct arena *arena,
    const struct item_filter *filter, const struct page *page, const struct item_walk *walk,
    struct page_key *resume, bool *ended_early)
{
	struct run run = {
	    .base =
		{
		    .store = store,
		    .deadline = deadline,
		    .arena = arena,
		    .filter = filter,
		    .page = page,
		    .walk = walk,
		    .places = arena_array(arena, ITEM_PLACES_MAX, sizeof(*run.base.places)),
		},
	    .order = search_order_of(filter->sort),
	};

	TRY_ALLOC(run.base.places);
	*ended_early = false;
	TRY(search_keys_of(arena, filter, &run.keys));
	return run_query(&run, resume, ended_early);
}
