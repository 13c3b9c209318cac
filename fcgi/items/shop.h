/*
 * items/shop: what one worker's use cases work with.
 *
 * Layer: domain.  Belongs to one thread; the queue and the outbox are shared by all.
 */
#ifndef FCGI_ITEMS_SHOP_H
#define FCGI_ITEMS_SHOP_H

#include <stdint.h>

#include "fcgi/items/category_store.h"
#include "fcgi/items/claim_store.h"
#include "fcgi/items/image_store.h"
#include "fcgi/items/item_store.h"
#include "fcgi/items/number_store.h"
#include "fcgi/items/order_store.h"
#include "fcgi/items/settle_queue.h"
#include "shared/infra/outbox.h"

struct shop {
	struct item_store items;
	struct claim_store claims;
	struct order_store orders;
	struct number_store numbers;
	struct image_store images;
	struct category_store categories;
	struct settle_queue *sold; /* reservations to remove */
	struct outbox *outbox;     /* woken when an event was written; NULL: there is none */
	int64_t reservation_ttl_ms;
	int64_t low_stock; /* the bound of items without one of their own */
};

/* Opens the stores over MONGO, which must outlive them; the rest is the caller's to set. */
void shop_init(const struct mongo *mongo, struct shop *out);
/* May run twice. */
void shop_fini(struct shop *shop);
/* Tells the relay that an event was written. */
void shop_wake_relay(const struct shop *shop);

#endif
