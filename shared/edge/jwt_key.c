#include "shared/edge/jwt_key.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "shared/base/arena.h"

#define CURVE         "prime256v1"
#define POINT_BYTES   (1 + 2 * JWT_COORDINATE_BYTES) /* SEC 1 §2.3.3, uncompressed */
#define SCRATCH_BYTES 4096

struct jwt_key {
	EVP_PKEY *pkey;
	bool is_private;
	char id[JWT_KEY_ID_SIZE];
	char x[JWT_COORDINATE_TEXT_SIZE];
	char y[JWT_COORDINATE_TEXT_SIZE];
};

/* Whatever OpenSSL noted on this thread: left there, another library would take it for its own. */
static void
forget_openssl_errors(void *unused)
{
	(void)unused;
	ERR_clear_error();
}

#define FORGETS_OPENSSL_ERRORS                                                                     \
	AUTO_OF(forget_openssl_errors) __attribute__((unused)) char forgets_errors = 0

static void
free_pkey(EVP_PKEY **owner)
{
	EVP_PKEY_free(*owner);
	*owner = NULL;
}

static void
free_pkey_context(EVP_PKEY_CTX **owner)
{
	EVP_PKEY_CTX_free(*owner);
	*owner = NULL;
}

static void
free_digest_context(EVP_MD_CTX **owner)
{
	EVP_MD_CTX_free(*owner);
	*owner = NULL;
}

static void
free_signature(ECDSA_SIG **owner)
{
	ECDSA_SIG_free(*owner);
	*owner = NULL;
}

static void
free_number(BIGNUM **owner)
{
	BN_free(*owner);
	*owner = NULL;
}

static void
free_bio(BIO **owner)
{
	BIO_free_all(*owner);
	*owner = NULL;
}

/* Without it OpenSSL would ask for a passphrase on the terminal. */
static int
refuse_passphrase(char *buffer, int size, int writing, void *context)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

/* One coordinate of the public point in base64url: of full length, with its leading zeros. */
static enum err
read_coordinate(const EVP_PKEY *pkey, const char *name, char out[JWT_COORDINATE_TEXT_SIZE])
{
	AUTO_OF(free_number) BIGNUM *number = NULL;
	auto_arena struct arena *arena = NULL;
	unsigned char bytes[JWT_COORDINATE_BYTES];
	const char *text;

	if (EVP_PKEY_get_bn_param(pkey, name, &number) != 1 ||
	    BN_bn2binpad(number, bytes, sizeof(bytes)) != (int)sizeof(bytes))
		return ERR_MALFORMED;
	TRY(arena_new(SCRATCH_BYTES, &arena));
	text = base64url_encode(arena, bytes, sizeof(bytes));
	TRY_ALLOC(text);
	memcpy(out, text, JWT_COORDINATE_TEXT_SIZE);
	return ERR_OK;
}

/* RFC 7638: the SHA-256 of the required members alone, in this order, without a space. */
static enum err
write_thumbprint(struct jwt_key *key)
{
	auto_arena struct arena *arena = NULL;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned digest_len = 0;
	const char *text;

	TRY(arena_new(SCRATCH_BYTES, &arena));
	text = arena_printf(
	    arena, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", key->x, key->y);
	TRY_ALLOC(text);
	if (EVP_Digest(text, strlen(text), digest, &digest_len, EVP_sha256(), NULL) != 1)
		return ERR_INTERNAL;
	text = base64url_encode(arena, digest, digest_len);
	TRY_ALLOC(text);
	if (strlen(text) >= sizeof(key->id))
		return ERR_INTERNAL;
	memcpy(key->id, text, strlen(text) + 1);
	return ERR_OK;
}

/* Takes *PKEY.  ERR_MALFORMED unless it is on the named curve P-256 and sound. */
static enum err
wrap_pkey(EVP_PKEY **pkey, bool is_private, const char *kid, struct jwt_key **out)
{
	AUTO_OF(free_pkey_context) EVP_PKEY_CTX *context = NULL;
	auto_jwt_key struct jwt_key *key = calloc(1, sizeof(*key));
	char curve[sizeof(CURVE)];
	size_t curve_len = 0;

	if (key == NULL) {
		free_pkey(pkey);
		return ERR_MEMORY;
	}
	key->pkey = *pkey;
	key->is_private = is_private;
	*pkey = NULL;
	if (EVP_PKEY_get_base_id(key->pkey) != EVP_PKEY_EC ||
	    EVP_PKEY_get_group_name(key->pkey, curve, sizeof(curve), &curve_len) != 1 ||
	    strcmp(curve, CURVE) != 0)
		return ERR_MALFORMED;
	context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	TRY_ALLOC(context);
	/* The point on the curve and not at infinity; with a private part, also that the two
	 * fit. */
	if ((is_private ? EVP_PKEY_check(context) : EVP_PKEY_public_check(context)) != 1)
		return ERR_MALFORMED;
	TRY(read_coordinate(key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, key->x));
	TRY(read_coordinate(key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, key->y));
	if (kid == NULL)
		TRY(write_thumbprint(key));
	else
		memcpy(key->id, kid, strlen(kid) + 1);
	*out = key;
	key = NULL;
	return ERR_OK;
}

enum err
jwt_key_from_pem(struct span pem, struct jwt_key **out)
{
	FORGETS_OPENSSL_ERRORS;
	AUTO_OF(free_bio) BIO *bio = NULL;
	AUTO_OF(free_pkey) EVP_PKEY *pkey = NULL;
	enum err err;

	if (pem.len == 0 || pem.len > INT_MAX)
		return ERR_CONFIG;
	bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	TRY_ALLOC(bio);
	pkey = PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, NULL);
	if (pkey == NULL)
		return ERR_CONFIG;
	err = wrap_pkey(&pkey, true, NULL, out);
	return err == ERR_MALFORMED ? ERR_CONFIG : err;
}

static EVP_PKEY *
public_from_point(const unsigned char point[POINT_BYTES])
{
	AUTO_OF(free_pkey_context)
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;

	if (context != NULL && builder != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, CURVE, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(
		builder, OSSL_PKEY_PARAM_PUB_KEY, point, POINT_BYTES) == 1)
		params = OSSL_PARAM_BLD_to_param(builder);
	if (params == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	return pkey;
}

enum err
jwt_key_from_point(struct span x, struct span y, const char *kid, struct jwt_key **out)
{
	FORGETS_OPENSSL_ERRORS;
	AUTO_OF(free_pkey) EVP_PKEY *pkey = NULL;
	unsigned char point[POINT_BYTES];

	if (x.len != JWT_COORDINATE_BYTES || y.len != JWT_COORDINATE_BYTES)
		return ERR_MALFORMED;
	if (kid != NULL && (kid[0] == '\0' || strlen(kid) >= JWT_KEY_ID_SIZE))
		return ERR_MALFORMED;
	point[0] = POINT_CONVERSION_UNCOMPRESSED;
	memcpy(point + 1, x.data, x.len);
	memcpy(point + 1 + JWT_COORDINATE_BYTES, y.data, y.len);
	pkey = public_from_point(point);
	if (pkey == NULL)
		return ERR_MALFORMED;
	return wrap_pkey(&pkey, false, kid, out);
}

void
jwt_key_free(struct jwt_key **key)
{
	if (*key == NULL)
		return;
	EVP_PKEY_free((*key)->pkey); /* clears the private number */
	bytes_wipe(*key, sizeof(**key));
	free(*key);
	*key = NULL;
}

const char *
jwt_key_id(const struct jwt_key *key)
{
	return key->id;
}

const char *
jwt_key_x(const struct jwt_key *key)
{
	return key->x;
}

const char *
jwt_key_y(const struct jwt_key *key)
{
	return key->y;
}

/* From OpenSSL's DER to JOSE's form: r and s of 32 bytes each. */
static enum err
der_to_raw(const unsigned char *der, size_t der_len, unsigned char raw[JWT_SIGNATURE_BYTES])
{
	AUTO_OF(free_signature)
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)der_len);
	const int half = JWT_SIGNATURE_BYTES / 2;

	if (signature == NULL || BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, half) != half ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + half, half) != half)
		return ERR_INTERNAL;
	return ERR_OK;
}

enum err
jwt_key_sign(
    const struct jwt_key *key, struct span message, unsigned char signature[JWT_SIGNATURE_BYTES])
{
	FORGETS_OPENSSL_ERRORS;
	AUTO_OF(free_digest_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char der[128]; /* two 33-byte integers and their tags need 72 */
	size_t der_len = sizeof(der);

	TRY_ALLOC(context);
	if (!key->is_private ||
	    EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->pkey) != 1 ||
	    EVP_DigestSign(
		context, der, &der_len, (const unsigned char *)message.data, message.len) != 1)
		return ERR_INTERNAL;
	return der_to_raw(der, der_len, signature);
}

/* The other way round; *DER is OpenSSL's and freed with OPENSSL_free.  0 on failure. */
static int
raw_to_der(const unsigned char *raw, unsigned char **der)
{
	AUTO_OF(free_signature) ECDSA_SIG *signature = ECDSA_SIG_new();
	const int half = JWT_SIGNATURE_BYTES / 2;
	BIGNUM *r = BN_bin2bn(raw, half, NULL);
	BIGNUM *s = BN_bin2bn(raw + half, half, NULL);
	int len;

	if (signature == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(signature, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		return 0;
	}
	len = i2d_ECDSA_SIG(signature, der);
	return len > 0 ? len : 0;
}

bool
jwt_key_verify(const struct jwt_key *key, struct span message, struct span signature)
{
	FORGETS_OPENSSL_ERRORS;
	AUTO_OF(free_digest_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char *der = NULL;
	bool valid;
	int der_len;

	if (context == NULL || signature.len != JWT_SIGNATURE_BYTES)
		return false;
	der_len = raw_to_der((const unsigned char *)signature.data, &der);
	valid = der_len > 0 &&
	    EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
	    EVP_DigestVerify(context, der, (size_t)der_len, (const unsigned char *)message.data,
		message.len) == 1;
	OPENSSL_free(der);
	return valid;
}
