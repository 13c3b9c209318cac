#include "fcgi/items/shop.h"

void
shop_init(const struct mongo *mongo, struct shop *out)
{
	*out = (struct shop){.sold = NULL};
	item_store_init(mongo, &out->items);
	claim_store_init(mongo, &out->claims);
	order_store_init(mongo, &out->orders);
	number_store_init(mongo, &out->numbers);
	image_store_init(mongo, &out->images);
	category_store_init(mongo, &out->categories);
}

void
shop_fini(struct shop *shop)
{
	item_store_fini(&shop->items);
	claim_store_fini(&shop->claims);
	order_store_fini(&shop->orders);
	number_store_fini(&shop->numbers);
	image_store_fini(&shop->images);
	category_store_fini(&shop->categories);
}

void
shop_wake_relay(const struct shop *shop)
{
	if (shop->outbox != NULL)
		outbox_wake(shop->outbox);
}
