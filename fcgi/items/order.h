/*
 * items/order: what an order is, and the rules that need no store.
 *
 * Layer: domain, pure.  Strings are borrowed: from the request's arena or from a document.
 */
#ifndef FCGI_ITEMS_ORDER_H
#define FCGI_ITEMS_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/fault.h"
#include "shared/base/id.h"
#include "shared/base/money.h"
#include "shared/edge/principal.h"

#define ORDER_LINES_MAX    50
#define ORDER_QUANTITY_MAX 1000

/* From the least to the most advanced, then those that went back. */
enum order_status {
	ORDER_PENDING, /* being bought: stock is being reserved */
	ORDER_FAILED,  /* refused, or given up: holds no stock */
	ORDER_CONFIRMED,
	ORDER_SHIPPED,
	ORDER_DELIVERED,
	ORDER_CANCELLED,
	ORDER_REFUNDED
};

/* The statuses' texts in the order of the enum, NULL-terminated: for choices. */
extern const char *const order_status_texts[];

/* ERR_CORRUPT. */
MUST_USE enum err order_status_parse(const char *text, enum order_status *out);

struct order_line {
	struct id item_id;
	int64_t quantity;
	bool priced; /* seller, name, unit price and total are known: its stock was reserved once */
	struct id seller_id;
	const char *name;
	struct money unit_price;
	struct money total;
	enum order_status status;
	const char *tracking; /* or NULL */
	bool returned;        /* its stock went back into the catalogue, or is on its way */
};

struct order_step {
	enum order_status status;
	int64_t at_ms;
	bool has_by; /* false: the shop itself */
	struct id by;
	uint64_t lines; /* those that moved: bit i is the line at i; 0: all */
};

struct order {
	struct id id;
	const char *number;
	struct id buyer_id;
	enum order_status status;
	struct order_line *lines;
	size_t line_count;
	bool has_total; /* once every line is priced */
	struct money total;
	struct order_step *history;
	size_t history_count;
	int64_t created_at_ms;
	int64_t updated_at_ms;
	int64_t version; /* from 1 */
};

/* What a buyer asks for: checked by order_wire. */
struct order_draft_line {
	struct id item_id;
	int64_t quantity;
	bool has_expected;
	struct money expected_price;
	const char *pointer; /* of the line in the request's body, for faults: "", "/lines/3" */
};

struct order_draft {
	struct order_draft_line *lines; /* in the order asked for */
	size_t line_count;              /* 1 … ORDER_LINES_MAX, each item once */
};

/*
 * Sets the lines' totals and the order's.  All lines must be priced.  ERR_VALIDATION, with the
 * fault at the draft's line: currencies mixed (`not_allowed`), over the bound (`out_of_range`).
 */
MUST_USE enum err order_total(
    struct order *order, const struct order_draft *draft, struct fault *fault);

/* The status that follows from the lines'. */
enum order_status order_status_of_lines(const struct order_line *lines, size_t count);

/* Is the order's stock sold, whatever became of it since? */
bool order_was_confirmed(enum order_status status);

/* Adds a step to the history (in ARENA), and makes it the order's status.  BY may be NULL. */
MUST_USE enum err order_step_add(struct arena *arena, struct order *order, enum order_status status,
    int64_t at_ms, const struct id *by);

/* The lines of SELLER: bit i is the line at i. */
uint64_t order_lines_of(const struct order *order, const struct id *seller);

/*
 * What PRINCIPAL may see of ORDER: all of it (buyer, admin), or a seller's own lines with their
 * total and status, and the steps that moved them; *whole tells which.  ERR_NOT_FOUND to anyone
 * else.
 */
MUST_USE enum err order_view(struct arena *arena, const struct order *order,
    const struct principal *principal, struct order *out, bool *whole);

/* SELLER's own lines, whoever else they may be.  ERR_NOT_FOUND: there are none, or nothing was
 * sold. */
MUST_USE enum err order_view_of_seller(
    struct arena *arena, const struct order *order, const struct id *seller, struct order *out);

#define ORDER_ETAG_SIZE 32

/* The strong ETag of a view, with its quotes. */
void order_etag(const struct order *order, bool whole, char out[ORDER_ETAG_SIZE]);

#endif
