#include "fcgi/items/key_use.h"

/* ERR is what the store's look for a key said, and AT_MS since when it has one. */
static enum err
decide(const struct call *call, enum err err, int64_t at_ms, bool *out)
{
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	*out = err == ERR_OK && at_ms >= call->now_ms - IDEMPOTENCY_KEPT_MS;
	return ERR_OK;
}

enum err
key_use_listed(struct shop *shop, const struct call *call, bool *out)
{
	struct item_claim claim = {.at_ms = 0};
	enum err err = claim_store_find(&shop->claims, call->deadline, call->arena,
	    &call->principal->user_id, call->idempotency->key, &claim);

	return decide(call, err, claim.at_ms, out);
}

enum err
key_use_bought(struct shop *shop, const struct call *call, bool *out)
{
	struct order_claim claim = {.claim.at_ms = 0};
	enum err err = order_store_find_claim(&shop->orders, call->deadline, call->arena,
	    &call->principal->user_id, call->idempotency->key, &claim);

	return decide(call, err, claim.claim.at_ms, out);
}
