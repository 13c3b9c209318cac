#include "fcgi/items/item_query.h"

#include "fcgi/items/item_gather.h"
#include "fcgi/items/item_search.h"
#include "shared/infra/mongo_read.h"

struct run {
	struct search_run base;
	const struct item_walk *walk;
	struct search_keys keys;
	const struct search_order *order;
	int64_t visited;
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
	run->visited++;
	TRY(run->walk->each(run->walk->context, &item, &key, stop));
	run->stopped = *stop;
	return ERR_OK;
}

/* Shows what is within BOUNDS, as long as the page has room. */
static enum err
show(struct run *run, const char *key, const struct search_bounds *bounds, bool with_rest)
{
	auto_bson bson_t *query =
	    search_query(run->order, key, run->base.filter, bounds, with_rest);
	auto_bson bson_t *sort = search_sort(run->order);
	auto_bson bson_t *fields = item_fields_new();
	const struct mongo_find find = {
	    .filter = query,
	    .sort = sort,
	    .fields = fields,
	    .hint = run->order->index,
	    .limit = run->base.page->limit + 1 - run->visited,
	};

	TRY_ALLOC(query);
	if (run->stopped || find.limit <= 0)
		return ERR_OK;
	return search_look(&run->base, &find, visit, run);
}

/* Shows what is within BOUNDS and no further than ITEM_LOOK_MAX items on; *far: there is more. */
static enum err
show_near(struct run *run, const char *key, const struct search_bounds *bounds,
    struct page_key *end, bool *far)
{
	struct search_bounds near = *bounds;
	struct search_bounds last = {.has_before = true, .at_one_key = true};

	TRY(search_far(&run->base, run->order, key, bounds, end, far));
	if (!*far)
		return show(run, key, bounds, true);
	near.has_before = true;
	near.before = *end;
	TRY(show(run, key, &near, true));
	if (bounds->at_one_key)
		return ERR_OK;
	last.before = *end;
	return show(run, key, &last, true);
}

static enum err
show_part(struct run *run, const char *key, const struct search_bounds *bounds, bool bounded,
    bool with_rest, struct page_key *end, bool *far)
{
	*far = false;
	return bounded ? show_near(run, key, bounds, end, far) : show(run, key, bounds, with_rest);
}

/* In the order of the list, under KEY: first what has the last row's key, then what is beyond. */
static enum err
walk_order(struct run *run, const char *key, bool bounded, bool with_rest, struct page_key *resume,
    bool *ended_early)
{
	const struct page *page = run->base.page;
	struct search_bounds bounds = {.has_after = page->has_after};
	bool far = false;

	bounds.after = (struct page_key){
	    .number = page->after_number,
	    .text = page->after_text,
	    .id = page->after_id,
	};
	if (page->has_after) {
		bounds.at_one_key = true;
		TRY(show_part(run, key, &bounds, bounded, with_rest, resume, &far));
		bounds.at_one_key = false;
	}
	if (!far && !run->stopped)
		TRY(show_part(run, key, &bounds, bounded, with_rest, resume, &far));
	*ended_early = far && !run->stopped;
	return ERR_OK;
}

static bool
is_in_order(const struct run *run, const struct search_key *key)
{
	return !key->is_word || run->order->words;
}

/* A key that leads to few items, or NULL. */
static enum err
find_small_key(struct run *run, const struct search_key **out)
{
	const struct search_order *newest = search_order_of(ITEM_SORT_CREATED_DOWN);
	const struct search_bounds none = {.has_after = false};

	*out = NULL;
	for (size_t i = 0; i < run->keys.count && *out == NULL; i++) {
		struct page_key end;
		bool far;

		if (str_equal(run->keys.list[i].text, ITEM_KEY_ALL))
			continue;
		TRY(search_far(&run->base, newest, run->keys.list[i].text, &none, &end, &far));
		if (!far)
			*out = &run->keys.list[i];
	}
	return ERR_OK;
}

/* Are there few items at these prices? */
static enum err
have_few_at_prices(struct run *run, const char **key, bool *few)
{
	const struct item_filter *filter = run->base.filter;
	const struct search_bounds none = {.has_after = false};
	struct page_key end;
	bool far;

	*few = false;
	if (!filter->has_min_price && !filter->has_max_price)
		return ERR_OK;
	*key = item_key_facet(run->base.arena, 'm', filter->currency);
	TRY_ALLOC(*key);
	TRY(search_far(&run->base, search_order_of(ITEM_SORT_PRICE), *key, &none, &end, &far));
	*few = !far;
	return ERR_OK;
}

/* The key to walk under when all lead to many items. */
static const char *
choose_key(const struct run *run)
{
	const char *facet = ITEM_KEY_ALL;

	for (size_t i = run->keys.count; i-- > 0;) {
		const struct search_key *key = &run->keys.list[i];

		if (key->is_word && run->order->words)
			return key->text;
		if (!key->is_word)
			facet = key->text;
	}
	return facet;
}

static enum err
gather(struct run *run, const struct search_order *order, const char *key, struct page_key *resume,
    bool *ended_early)
{
	bool more;

	TRY(item_gather(&run->base, order, key, run->order, visit, run, resume, &more));
	*ended_early = more && !run->stopped;
	return ERR_OK;
}

static enum err
run_query(struct run *run, struct page_key *resume, bool *ended_early)
{
	const struct search_order *newest = search_order_of(ITEM_SORT_CREATED_DOWN);
	const struct search_order *by_price = search_order_of(ITEM_SORT_PRICE);
	const struct search_key *small;
	const char *key;
	bool few;

	if (run->keys.exact &&
	    (run->order->index == by_price->index ||
		(!run->base.filter->has_min_price && !run->base.filter->has_max_price)))
		return walk_order(run, run->keys.list[0].text, false, false, resume, ended_early);
	TRY(find_small_key(run, &small));
	if (small != NULL && is_in_order(run, small))
		return walk_order(run, small->text, false, true, resume, ended_early);
	if (small != NULL)
		return gather(run, newest, small->text, resume, ended_early);
	TRY(have_few_at_prices(run, &key, &few));
	if (few)
		return gather(run, by_price, key, resume, ended_early);
	return walk_order(run, choose_key(run), true, true, resume, ended_early);
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
		},
	    .walk = walk,
	    .order = search_order_of(filter->sort),
	};

	*ended_early = false;
	TRY(search_keys_of(arena, filter, &run.keys));
	return run_query(&run, resume, ended_early);
}
