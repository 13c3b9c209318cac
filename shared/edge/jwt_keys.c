#include "shared/edge/jwt_keys.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "shared/base/check.h"
#include "shared/edge/json.h"

struct jwt_key_set {
	atomic_uint references;
	size_t count;
	struct jwt_key *keys[JWT_KEYS_MAX];
};

enum err
jwt_key_set_new(struct jwt_key_set **out)
{
	struct jwt_key_set *set = calloc(1, sizeof(*set));

	TRY_ALLOC(set);
	atomic_init(&set->references, 1);
	*out = set;
	return ERR_OK;
}

enum err
jwt_key_set_add(struct jwt_key_set *set, struct jwt_key **key)
{
	if (jwt_key_set_find(set, jwt_key_id(*key)) != NULL) {
		jwt_key_free(key);
		return ERR_OK;
	}
	if (set->count == JWT_KEYS_MAX) {
		jwt_key_free(key);
		return ERR_CONFIG;
	}
	set->keys[set->count++] = *key;
	*key = NULL;
	return ERR_OK;
}

struct jwt_key_set *
jwt_key_set_ref(struct jwt_key_set *set)
{
	check(atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed) > 0);
	return set;
}

void
jwt_key_set_unref(struct jwt_key_set **set)
{
	struct jwt_key_set *old = *set;

	*set = NULL;
	/* Release what was read through it, acquire what other threads read, before freeing. */
	if (old == NULL ||
	    atomic_fetch_sub_explicit(&old->references, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < old->count; i++)
		jwt_key_free(&old->keys[i]);
	free(old);
}

const struct jwt_key *
jwt_key_set_find(const struct jwt_key_set *set, const char *kid)
{
	for (size_t i = 0; i < set->count; i++)
		if (str_equal(jwt_key_id(set->keys[i]), kid))
			return set->keys[i];
	return NULL;
}

size_t
jwt_key_set_count(const struct jwt_key_set *set)
{
	return set->count;
}

void
jwks_write(const struct jwt_key_set *set, struct buf *out)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_array_open(&w, "keys");
	for (size_t i = 0; i < set->count; i++) {
		json_object_open(&w, NULL);
		json_put_text(&w, "kty", "EC");
		json_put_text(&w, "crv", "P-256");
		json_put_text(&w, "use", "sig");
		json_put_text(&w, "alg", "ES256");
		json_put_text(&w, "kid", jwt_key_id(set->keys[i]));
		json_put_text(&w, "x", jwt_key_x(set->keys[i]));
		json_put_text(&w, "y", jwt_key_y(set->keys[i]));
		json_object_close(&w);
	}
	json_array_close(&w);
	json_object_close(&w);
}

/* Is the member, a text, what we need?  Absent counts as such where it is OPTIONAL. */
static bool
member_is(const cJSON *jwk, const char *name, const char *wanted, bool optional)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(jwk, name);

	if (member == NULL)
		return optional;
	return cJSON_IsString(member) && str_equal(member->valuestring, wanted);
}

static bool
may_verify(const cJSON *jwk)
{
	const cJSON *operations = cJSON_GetObjectItemCaseSensitive(jwk, "key_ops");
	const cJSON *operation;

	if (operations == NULL)
		return true;
	cJSON_ArrayForEach (operation, operations)
		if (cJSON_IsString(operation) && str_equal(operation->valuestring, "verify"))
			return true;
	return false;
}

static enum err
read_coordinate(struct arena *arena, const cJSON *jwk, const char *name, struct span *out)
{
	const char *text = json_get_text(jwk, name);

	if (text == NULL)
		return ERR_MALFORMED;
	return base64url_decode(arena, text, strlen(text), out);
}

/* ERR_MALFORMED for a key that is to be ignored. */
static enum err
read_key(struct arena *arena, const cJSON *jwk, struct jwt_key **out)
{
	struct span x;
	struct span y;

	if (!cJSON_IsObject(jwk) || !member_is(jwk, "kty", "EC", false) ||
	    !member_is(jwk, "crv", "P-256", false) || !member_is(jwk, "use", "sig", true) ||
	    !member_is(jwk, "alg", "ES256", true) || !may_verify(jwk))
		return ERR_MALFORMED;
	TRY(read_coordinate(arena, jwk, "x", &x));
	TRY(read_coordinate(arena, jwk, "y", &y));
	return jwt_key_from_point(x, y, json_get_text(jwk, "kid"), out);
}

enum err
jwks_parse(struct arena *arena, struct span json, struct jwt_key_set **out)
{
	auto_jwt_key_set struct jwt_key_set *set = NULL;
	const cJSON *document;
	const cJSON *keys;
	const cJSON *jwk;
	struct fault fault;

	fault_init(&fault, arena);
	TRY(json_parse(arena, json, &fault, &document));
	keys = json_get_array(document, "keys");
	if (keys == NULL)
		return ERR_MALFORMED;
	TRY(jwt_key_set_new(&set));
	cJSON_ArrayForEach (jwk, keys) {
		struct jwt_key *key = NULL;
		enum err err = read_key(arena, jwk, &key);

		if (err == ERR_MALFORMED)
			continue;
		TRY(err);
		if (jwt_key_set_add(set, &key) != ERR_OK)
			return ERR_MALFORMED;
	}
	*out = set;
	set = NULL;
	return ERR_OK;
}
