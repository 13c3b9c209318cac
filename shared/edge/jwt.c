#include "shared/edge/jwt.h"

#include <string.h>

#include <cjson/cJSON.h>
#include <jwt.h>

#include "shared/base/cleanup.h"
#include "shared/edge/json.h"
#include "shared/edge/principal.h"

#define EMAIL_MAX_BYTES 320

const struct jwt_role jwt_roles[] = {
    {"customer", ROLE_CUSTOMER},
    {"admin", ROLE_ADMIN},
    {NULL, 0},
};

/* --- signing ---------------------------------------------------------------------------------- */

static void
free_builder(jwt_t **owner)
{
	jwt_free(*owner);
	*owner = NULL;
}

/* {"roles":[…]} */
static const char *
roles_json(struct arena *arena, unsigned roles)
{
	const char *list = "";

	for (const struct jwt_role *role = jwt_roles; role->name != NULL && list != NULL; role++)
		if ((roles & role->role) != 0)
			list = arena_printf(
			    arena, "%s%s\"%s\"", list, *list != '\0' ? "," : "", role->name);
	return list == NULL ? NULL : arena_printf(arena, "{\"roles\":[%s]}", list);
}

static int
add_header(jwt_t *builder, const struct jwt_key *key)
{
	int failed = jwt_add_header(builder, "alg", "ES256");

	failed |= jwt_add_header(builder, "typ", "at+jwt");
	failed |= jwt_add_header(builder, "kid", jwt_key_id(key));
	return failed;
}

static int
add_claims(jwt_t *builder, const struct jwt_claims *claims)
{
	int failed = jwt_add_grant(builder, "iss", claims->issuer);

	failed |= jwt_add_grant(builder, "aud", claims->audience);
	failed |= jwt_add_grant(builder, "sub", claims->subject.text);
	failed |= jwt_add_grant(builder, "sid", claims->session_id.text);
	failed |= jwt_add_grant(builder, "jti", claims->token_id.text);
	failed |= jwt_add_grant(builder, "email", claims->email);
	failed |= jwt_add_grant_bool(builder, "email_verified", claims->email_verified);
	failed |= jwt_add_grant_int(builder, "iat", (long)claims->issued_at_s);
	failed |= jwt_add_grant_int(builder, "exp", (long)claims->expires_at_s);
	return failed;
}

/* "header.claims", what is signed. */
static enum err
assemble(const struct jwt_key *key, const struct jwt_claims *claims, struct arena *arena,
    const char **out)
{
	AUTO_OF(free_builder) jwt_t *builder = NULL;
	auto_free char *header = NULL;
	auto_free char *payload = NULL;
	const char *roles = roles_json(arena, claims->roles);
	const char *header_text;
	const char *payload_text;

	TRY_ALLOC(roles);
	if (jwt_new(&builder) != 0)
		return ERR_MEMORY;
	if (add_header(builder, key) != 0 || add_claims(builder, claims) != 0 ||
	    jwt_add_grants_json(builder, roles) != 0)
		return ERR_INTERNAL;
	header = jwt_get_headers_json(builder, NULL);
	payload = jwt_get_grants_json(builder, NULL);
	if (header == NULL || payload == NULL)
		return ERR_MEMORY;
	header_text = base64url_encode(arena, header, strlen(header));
	TRY_ALLOC(header_text);
	payload_text = base64url_encode(arena, payload, strlen(payload));
	TRY_ALLOC(payload_text);
	*out = arena_printf(arena, "%s.%s", header_text, payload_text);
	TRY_ALLOC(*out);
	return ERR_OK;
}

enum err
jwt_sign(const struct jwt_key *key, const struct jwt_claims *claims, struct arena *arena,
    const char **token)
{
	unsigned char signature[JWT_SIGNATURE_BYTES];
	const char *signed_part;
	const char *signature_text;
	const char *whole;

	TRY(assemble(key, claims, arena, &signed_part));
	TRY(jwt_key_sign(key, span_of(signed_part, strlen(signed_part)), signature));
	signature_text = base64url_encode(arena, signature, sizeof(signature));
	TRY_ALLOC(signature_text);
	whole = arena_printf(arena, "%s.%s", signed_part, signature_text);
	TRY_ALLOC(whole);
	if (strlen(whole) > JWT_TOKEN_MAX_BYTES)
		return ERR_INTERNAL;
	*token = whole;
	return ERR_OK;
}

/* --- verifying -------------------------------------------------------------------------------- */

struct verification {
	const struct jwt_key_set *set;
	const struct jwt_expect *expect;
	struct arena *arena;
	bool unknown_kid;
	const char *why;
};

static enum err
refuse(struct verification *v, const char *why)
{
	v->why = why;
	return ERR_TOKEN_INVALID;
}

struct token_parts {
	struct span header, payload, signature;
	struct span signed_part; /* "header.payload" */
};

/* Exactly two dots; what is between them is the decoders' business. */
static enum err
split(struct verification *v, const char *token, struct token_parts *out)
{
	size_t len = strnlen(token, JWT_TOKEN_MAX_BYTES + 1);
	const char *first;
	const char *second;

	if (len > JWT_TOKEN_MAX_BYTES)
		return refuse(v, "too long");
	first = strchr(token, '.');
	second = first == NULL ? NULL : strchr(first + 1, '.');
	if (second == NULL || strchr(second + 1, '.') != NULL)
		return refuse(v, "not three parts");
	out->header = span_of(token, (size_t)(first - token));
	out->payload = span_of(first + 1, (size_t)(second - first - 1));
	out->signature = span_of(second + 1, len - (size_t)(second + 1 - token));
	out->signed_part = span_of(token, (size_t)(second - token));
	return ERR_OK;
}

/* A part that must be a JSON object in strict base64url. */
static enum err
read_object(struct verification *v, struct span part, const cJSON **out)
{
	struct fault fault;
	struct span json;
	const cJSON *value;
	enum err err;

	fault_init(&fault, v->arena);
	err = base64url_decode(v->arena, part.data, part.len, &json);
	if (err == ERR_OK)
		err = json_parse(v->arena, json, &fault, &value);
	if (err == ERR_MEMORY)
		return err;
	if (err != ERR_OK || !cJSON_IsObject(value))
		return refuse(v, "not an object of JSON in base64url");
	*out = value;
	return ERR_OK;
}

static enum err
find_key(struct verification *v, struct span part, const struct jwt_key **out)
{
	const cJSON *header;
	const char *algorithm;
	const char *type;
	const char *kid;

	TRY(read_object(v, part, &header));
	algorithm = json_get_text(header, "alg");
	if (algorithm == NULL || !str_equal(algorithm, "ES256"))
		return refuse(v, "alg is not ES256");
	type = json_get_text(header, "typ");
	if (type == NULL ||
	    (!str_equal_nocase(type, "at+jwt") && !str_equal_nocase(type, "application/at+jwt")))
		return refuse(v, "typ is not at+jwt");
	/* An extension that must be understood (RFC 7515 §4.1.11): we understand none. */
	if (cJSON_HasObjectItem(header, "crit"))
		return refuse(v, "crit is present");
	kid = json_get_text(header, "kid");
	if (kid == NULL)
		return refuse(v, "no kid");
	*out = jwt_key_set_find(v->set, kid);
	v->unknown_kid = *out == NULL;
	return v->unknown_kid ? refuse(v, "unknown kid") : ERR_OK;
}

static enum err
check_signature(struct verification *v, const struct jwt_key *key, const struct token_parts *parts)
{
	struct span signature;
	enum err err =
	    base64url_decode(v->arena, parts->signature.data, parts->signature.len, &signature);

	if (err == ERR_MEMORY)
		return err;
	if (err != ERR_OK || signature.len != JWT_SIGNATURE_BYTES)
		return refuse(v, "not a signature of ES256");
	if (!jwt_key_verify(key, parts->signed_part, signature))
		return refuse(v, "the signature does not fit");
	return ERR_OK;
}

/* RFC 7519 §4.1.3: one text or an array of texts. */
static bool
audience_holds(const cJSON *claims, const char *ours)
{
	const cJSON *audience = cJSON_GetObjectItemCaseSensitive(claims, "aud");
	const cJSON *one;
	bool found = false;

	if (cJSON_IsString(audience))
		return str_equal(audience->valuestring, ours);
	if (!cJSON_IsArray(audience))
		return false;
	cJSON_ArrayForEach (one, audience) {
		if (!cJSON_IsString(one))
			return false;
		found = found || str_equal(one->valuestring, ours);
	}
	return found;
}

static enum err
check_times(struct verification *v, const cJSON *claims, struct jwt_claims *out)
{
	int64_t now_s = v->expect->now_s;
	int64_t not_before_s;

	if (!json_get_int(claims, "exp", &out->expires_at_s) ||
	    !json_get_int(claims, "iat", &out->issued_at_s))
		return refuse(v, "exp or iat is no whole number");
	if (out->expires_at_s <= now_s - JWT_CLOCK_SKEW_S)
		return refuse(v, "expired");
	if (out->issued_at_s > now_s + JWT_CLOCK_SKEW_S)
		return refuse(v, "issued in the future");
	if (!cJSON_HasObjectItem(claims, "nbf"))
		return ERR_OK;
	if (!json_get_int(claims, "nbf", &not_before_s) || not_before_s > now_s + JWT_CLOCK_SKEW_S)
		return refuse(v, "not valid yet");
	return ERR_OK;
}

static bool
read_id(const cJSON *claims, const char *name, struct id *out)
{
	const char *text = json_get_text(claims, name);

	return text != NULL && id_parse(text, out) == ERR_OK;
}

/* Roles we don't know give nothing. */
static bool
read_roles(const cJSON *claims, unsigned *out)
{
	const cJSON *roles = cJSON_GetObjectItemCaseSensitive(claims, "roles");
	const cJSON *one;

	if (!cJSON_IsArray(roles))
		return false;
	*out = 0;
	cJSON_ArrayForEach (one, roles) {
		if (!cJSON_IsString(one))
			return false;
		for (const struct jwt_role *role = jwt_roles; role->name != NULL; role++)
			if (str_equal(one->valuestring, role->name))
				*out |= role->role;
	}
	return true;
}

static enum err
read_claims(struct verification *v, struct span part, struct jwt_claims *out)
{
	const cJSON *claims;
	const char *issuer;
	struct jwt_claims read = {0};

	TRY(read_object(v, part, &claims));
	issuer = json_get_text(claims, "iss");
	if (issuer == NULL || !str_equal(issuer, v->expect->issuer))
		return refuse(v, "another iss");
	if (!audience_holds(claims, v->expect->audience))
		return refuse(v, "another aud");
	TRY(check_times(v, claims, &read));
	if (!read_id(claims, "sub", &read.subject) || !read_id(claims, "sid", &read.session_id) ||
	    !read_id(claims, "jti", &read.token_id))
		return refuse(v, "sub, sid or jti is no UUID");
	read.email = json_get_text(claims, "email");
	if (read.email == NULL || read.email[0] == '\0' || strlen(read.email) > EMAIL_MAX_BYTES)
		return refuse(v, "no email");
	if (!json_get_bool(claims, "email_verified", &read.email_verified))
		read.email_verified = false;
	if (!read_roles(claims, &read.roles))
		return refuse(v, "roles is no array of texts");
	read.issuer = issuer;
	/* What we expect is the one of the token's audiences that counts. */
	read.audience = arena_strdup(v->arena, v->expect->audience);
	TRY_ALLOC(read.audience);
	*out = read;
	return ERR_OK;
}

static enum err
verify(struct verification *v, const char *token, struct jwt_claims *out)
{
	struct token_parts parts;
	const struct jwt_key *key;

	TRY(split(v, token, &parts));
	TRY(find_key(v, parts.header, &key));
	TRY(check_signature(v, key, &parts));
	return read_claims(v, parts.payload, out);
}

enum err
jwt_verify(const struct jwt_key_set *set, const struct jwt_expect *expect, struct arena *arena,
    const char *token, struct jwt_claims *out, bool *unknown_kid, const char **why)
{
	struct verification v = {.set = set, .expect = expect, .arena = arena};
	enum err err = verify(&v, token, out);

	if (unknown_kid != NULL)
		*unknown_kid = v.unknown_kid;
	if (why != NULL && err == ERR_TOKEN_INVALID)
		*why = v.why;
	return err;
}
