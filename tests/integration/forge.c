/*
 * forge KEYS_DIR TOKEN VARIANT [NAME JSON]: a bad token made of a good one, on standard output.
 *
 * KEYS_DIR holds the keys of the shop's auth; the one that signed TOKEN is found by its kid.
 * Variants:
 *   claim NAME JSON, header NAME JSON   that member changed, or left out for an empty JSON, and
 *                                       signed anew by the good key
 *   by FILE                             signed by FILE's key under its own kid
 *   stranger                            signed by a fresh key under the good kid
 *   none, rs256, hs256-public, hs256-empty   of another alg, and signed as that alg wants
 *   zeros                               r and s are 0
 *   altered                             other claims under the old signature
 */
#include <cjson/cJSON.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/edge/jwt_key.h"
#include "tests/unit/edge/forge.h"

#define ARENA_BYTES ((size_t)1024 * 1024)

struct forgery {
	struct arena *arena;
	cJSON *header;
	cJSON *claims;
	const char *signature; /* of the good token */
	EVP_PKEY *key;         /* that signed it */
};

_Noreturn static void
die(const char *what, const char *which)
{
	(void)fprintf(stderr, "forge: %s: %s\n", what, which);
	exit(1);
}

static cJSON *
decode(struct arena *arena, const char *part, size_t len)
{
	struct span json;
	cJSON *object;

	if (base64url_decode(arena, part, len, &json) != ERR_OK)
		die("no base64url", part);
	object = cJSON_ParseWithLength(json.data, json.len);
	if (!cJSON_IsObject(object))
		die("no JSON object", part);
	return object;
}

static struct span
read_file(struct arena *arena, const char *path)
{
	FILE *file = fopen(path, "r");
	char text[4096];
	size_t len;

	if (file == NULL)
		die("can't open", path);
	len = fread(text, 1, sizeof(text), file);
	(void)fclose(file);
	return span_of(arena_memdup(arena, text, len), len);
}

static EVP_PKEY *
read_key(struct span pem)
{
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	BIO_free_all(bio);
	return key;
}

/* The kid of a PEM's key, or NULL. */
static const char *
kid_of(struct arena *arena, struct span pem)
{
	auto_jwt_key struct jwt_key *key = NULL;

	if (jwt_key_from_pem(pem, &key) != ERR_OK)
		return NULL;
	return arena_strdup(arena, jwt_key_id(key));
}

static EVP_PKEY *
find_key(struct arena *arena, const char *dir, const char *kid)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;
	EVP_PKEY *found = NULL;

	if (folder == NULL)
		die("no folder", dir);
	while (found == NULL && (entry = readdir(folder)) != NULL) {
		size_t len = strlen(entry->d_name);
		struct span pem;
		const char *id;

		if (len < 4 || !str_equal(entry->d_name + len - 4, ".pem"))
			continue;
		pem = read_file(arena, arena_printf(arena, "%s/%s", dir, entry->d_name));
		id = kid_of(arena, pem);
		if (id != NULL && str_equal(id, kid))
			found = read_key(pem);
	}
	(void)closedir(folder);
	if (found == NULL)
		die("no key of the kid", kid);
	return found;
}

static void
change(cJSON *object, const char *name, const char *json)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, name);
	if (*json != '\0' && !cJSON_AddItemToObject(object, name, cJSON_Parse(json)))
		die("no JSON", json);
}

static const char *
print(struct arena *arena, const cJSON *object)
{
	char *text = cJSON_PrintUnformatted(object);
	const char *copy = arena_strdup(arena, text);

	free(text);
	return copy;
}

static const char *
sign(struct forgery *forgery, EVP_PKEY *key)
{
	return forge_es256(forgery->arena, key, print(forgery->arena, forgery->header),
	    print(forgery->arena, forgery->claims));
}

static const char *
forge_by_file(struct forgery *forgery, const char *path)
{
	struct span pem = read_file(forgery->arena, path);
	const char *kid = kid_of(forgery->arena, pem);
	EVP_PKEY *key = read_key(pem);
	const char *token;

	if (kid == NULL || key == NULL)
		die("no key", path);
	change(forgery->header, "kid", arena_printf(forgery->arena, "\"%s\"", kid));
	token = sign(forgery, key);
	EVP_PKEY_free(key);
	return token;
}

static const char *
forge_altered(struct forgery *forgery)
{
	struct arena *arena = forgery->arena;

	change(forgery->claims, "roles", "[\"admin\"]");
	return arena_printf(arena, "%s.%s",
	    forge_signed_part(arena, print(arena, forgery->header), print(arena, forgery->claims)),
	    forgery->signature);
}

/* Another algorithm, another kind of signature. */
static const char *
forge_alg(struct forgery *forgery, const char *variant)
{
	struct arena *arena = forgery->arena;
	const char *claims = print(arena, forgery->claims);
	const char *pem = forge_pem(arena, forgery->key, false);
	EVP_PKEY *rsa;
	const char *token;

	if (str_equal(variant, "none")) {
		change(forgery->header, "alg", "\"none\"");
		return forge_none(arena, print(arena, forgery->header), claims);
	}
	if (str_equal(variant, "rs256")) {
		change(forgery->header, "alg", "\"RS256\"");
		rsa = EVP_RSA_gen(2048);
		token = forge_rs256(arena, rsa, print(arena, forgery->header), claims);
		EVP_PKEY_free(rsa);
		return token;
	}
	change(forgery->header, "alg", "\"HS256\"");
	if (str_equal(variant, "hs256-public"))
		return forge_hs256(arena, pem, strlen(pem), print(arena, forgery->header), claims);
	if (str_equal(variant, "hs256-empty"))
		return forge_hs256(arena, "", 0, print(arena, forgery->header), claims);
	die("no variant", variant);
}

static const char *
forge(struct forgery *forgery, const char *variant, const char *name, const char *json)
{
	static const unsigned char zeros[64];
	EVP_PKEY *stranger;
	const char *token;

	if (str_equal(variant, "claim") || str_equal(variant, "header")) {
		change(*variant == 'c' ? forgery->claims : forgery->header, name, json);
		return sign(forgery, forgery->key);
	}
	if (str_equal(variant, "by"))
		return forge_by_file(forgery, name);
	if (str_equal(variant, "altered"))
		return forge_altered(forgery);
	if (str_equal(variant, "zeros"))
		return forge_join(forgery->arena,
		    forge_signed_part(forgery->arena, print(forgery->arena, forgery->header),
			print(forgery->arena, forgery->claims)),
		    zeros, sizeof(zeros));
	if (!str_equal(variant, "stranger"))
		return forge_alg(forgery, variant);
	stranger = EVP_EC_gen("P-256");
	token = sign(forgery, stranger);
	EVP_PKEY_free(stranger);
	return token;
}

int
main(int argc, char **argv)
{
	struct forgery forgery = {0};
	const char *token = argc > 2 ? argv[2] : "";
	const char *first = strchr(token, '.');
	const char *second = first == NULL ? NULL : strchr(first + 1, '.');
	const cJSON *kid;

	if (argc < 4 || second == NULL)
		die("usage", "forge KEYS_DIR TOKEN VARIANT [NAME JSON]");
	check(arena_new(ARENA_BYTES, &forgery.arena) == ERR_OK);
	forgery.header = decode(forgery.arena, token, (size_t)(first - token));
	forgery.claims = decode(forgery.arena, first + 1, (size_t)(second - first - 1));
	forgery.signature = second + 1;
	kid = cJSON_GetObjectItemCaseSensitive(forgery.header, "kid");
	forgery.key = find_key(forgery.arena, argv[1], cJSON_GetStringValue(kid));
	(void)puts(forge(&forgery, argv[3], argc > 4 ? argv[4] : "", argc > 5 ? argv[5] : ""));
	EVP_PKEY_free(forgery.key);
	cJSON_Delete(forgery.header);
	cJSON_Delete(forgery.claims);
	arena_free(&forgery.arena);
	return 0;
}
