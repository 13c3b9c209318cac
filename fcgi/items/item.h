/*
 * items/item: what an item is, and the rules that need no store.
 *
 * Layer: domain, pure.  Strings are borrowed: from the request's arena or from a document.
 */
#ifndef FCGI_ITEMS_ITEM_H
#define FCGI_ITEMS_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/fault.h"
#include "shared/base/id.h"
#include "shared/base/money.h"
#include "shared/edge/json.h"
#include "shared/edge/principal.h"

#define ITEM_NAME_MAX            200
#define ITEM_DESCRIPTION_MAX     10000
#define ITEM_STOCK_MAX           INT64_C(1000000000)
#define ITEM_TAGS_MAX            20
#define ITEM_TAG_MAX             40
#define ITEM_ATTRIBUTES_MAX      50
#define ITEM_ATTRIBUTE_NAME_MAX  64
#define ITEM_ATTRIBUTE_VALUE_MAX 500
#define ITEM_CATEGORY_MAX        64

enum item_status { ITEM_ACTIVE, ITEM_ARCHIVED };

/* "active", "archived". */
const char *item_status_text(enum item_status status);
MUST_USE enum err item_status_parse(const char *text, enum item_status *out);

/* What a person may say about an item: checked by item_wire, so it can't be wrong. */
struct item_draft {
	const char *name;
	const char *description; /* "" when none was given */
	struct money price;
	bool has_stock; /* always when an item is made */
	int64_t stock;
	const char *category; /* or NULL */
	const char *const *tags;
	size_t tag_count;
	const struct text_pair *attributes;
	size_t attribute_count;
	bool has_low_stock_at;
	int64_t low_stock_at;
};

/* What a merge patch says: of each member, whether it is there, and to what it changes. */
struct item_patch {
	const char *name; /* NULL: it stays */
	bool has_description, has_category, has_stock;
	const char *description; /* "" where it was removed */
	const char *category;    /* NULL where it was removed */
	int64_t stock;
	struct money_patch price;
	bool has_tags;
	const char *const *tags;
	size_t tag_count;
	/* These are merged: a pair without a value goes.  CLEAR: all that were there go. */
	bool clear_attributes;
	const struct text_pair *attributes;
	size_t attribute_count;
	bool clear_low_stock_at, has_low_stock_at;
	int64_t low_stock_at;
};

#define IMAGE_HASH_SIZE 65 /* SHA-256 in hexadecimal */

struct item_image {
	bool present;
	struct id file;
	char hash[IMAGE_HASH_SIZE];
	const char *type; /* "image/png" */
	int64_t length;
};

struct item {
	struct id id;
	struct id seller_id;
	const char *name;
	const char *description;
	struct money price;
	int64_t stock;
	const char *category; /* or NULL */
	const char *const *tags;
	size_t tag_count;
	const struct text_pair *attributes;
	size_t attribute_count;
	const char *image_url; /* or NULL; another one for other contents */
	struct item_image image;
	bool has_low_stock_at; /* else the setting's is meant */
	int64_t low_stock_at;
	enum item_status status;
	int64_t version; /* from 1; every change of what the API shows raises it, purchases too */
	int64_t created_at_ms;
	int64_t updated_at_ms;
	/* Units in reservations that stand; known where an item is read to be changed. */
	int64_t reserved;
	uint32_t reservation_count;
};

/* [a-z0-9-]+ */
bool item_category_valid(const char *category);

/* A new, active item of SELLER. */
void item_make(const struct item_draft *draft, const struct id *id, const struct id *seller,
    int64_t now_ms, struct item *out);
/* The item as it is, one version on. */
void item_next(const struct item *item, int64_t now_ms, struct item *out);
/* The item after a whole replacement by DRAFT (whose stock, when left out, stays). */
void item_replace(
    const struct item *item, const struct item_draft *draft, int64_t now_ms, struct item *out);
/* The item after PATCH.  ERR_VALIDATION: too many attributes together; ERR_MEMORY. */
MUST_USE enum err item_apply_patch(struct arena *arena, const struct item *item,
    const struct item_patch *patch, int64_t now_ms, struct fault *fault, struct item *out);
/* The item after DELTA units came, or went.  ERR_STOCK with `available`, ERR_VALIDATION: more than
 * an item may have. */
MUST_USE enum err item_add_stock(
    const struct item *item, int64_t delta, int64_t now_ms, struct fault *fault, struct item *out);
/* The item with IMAGE in place of the one it had; without one, when that is not present.
 * ERR_MEMORY. */
MUST_USE enum err item_set_image(struct arena *arena, const struct item *item,
    const struct item_image *image, int64_t now_ms, struct item *out);
/* The item after it left the catalogue, without image. */
void item_archive(const struct item *item, int64_t now_ms, struct item *out);

/* Its seller and admins may.  ERR_FORBIDDEN. */
MUST_USE enum err item_check_editor(
    const struct item *item, const struct principal *principal, struct fault *fault);

/*
 * Low stock.  What counts is what is not sold: stock and reservations that stand, as a reservation
 * may yet be released.  The bound is the item's own, or else DEFAULT_AT; crossed by a change from
 * above it to it or below.
 */
int64_t item_low_stock_bound(const struct item *item, int64_t default_at);
bool item_crosses_low_stock(
    const struct item *before, const struct item *after, int64_t default_at);

#define ITEM_ETAG_SIZE 24

/* The strong ETag of what the API shows, with its quotes. */
void item_etag(const struct item *item, char out[ITEM_ETAG_SIZE]);

#endif
