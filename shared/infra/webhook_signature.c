#include "shared/infra/webhook_signature.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define MAC_BYTES       32
#define MAC_TEXT_SIZE   ((MAC_BYTES + 2) / 3 * 4 + 1)
#define SECRET_TEXT_MAX ((WEBHOOK_SECRET_BYTES_MAX + 2) / 3 * 4)

struct key {
	unsigned char bytes[SECRET_TEXT_MAX];
	size_t len;
};

static void
key_wipe(struct key *key)
{
	bytes_wipe(key->bytes, sizeof(key->bytes));
}

static enum err
key_read(const char *secret, struct key *out)
{
	size_t prefix = sizeof(WEBHOOK_SECRET_PREFIX) - 1;
	const char *text =
	    str_starts_with(secret, WEBHOOK_SECRET_PREFIX) ? secret + prefix : secret;
	size_t len = strlen(text);
	int decoded;

	if (len == 0 || len % 4 != 0 || len > SECRET_TEXT_MAX)
		return ERR_CORRUPT;
	decoded = EVP_DecodeBlock(out->bytes, (const unsigned char *)text, (int)len);
	if (decoded < 0)
		return ERR_CORRUPT;
	/* What stands for the padding is counted as zeros. */
	out->len = (size_t)decoded - (text[len - 1] == '=') - (text[len - 2] == '=');
	return out->len >= WEBHOOK_SECRET_BYTES_MIN && out->len <= WEBHOOK_SECRET_BYTES_MAX
	    ? ERR_OK
	    : ERR_CORRUPT;
}

enum err
webhook_sign(
    const char *secret, const char *id, int64_t timestamp_s, struct span body, struct buf *out)
{
	AUTO_OF(key_wipe) struct key key = {.len = 0};
	unsigned char mac[MAC_BYTES];
	unsigned char text[MAC_TEXT_SIZE];
	auto_buf struct buf message;

	buf_init(&message, body.len + 512);
	TRY(key_read(secret, &key));
	buf_printf(&message, "%s.%lld.", id, (long long)timestamp_s);
	buf_put(&message, body.data, body.len);
	TRY(buf_finish(&message));
	TRY_ALLOC(HMAC(EVP_sha256(), key.bytes, (int)key.len, (const unsigned char *)message.data,
	    message.len, mac, NULL));
	(void)EVP_EncodeBlock(text, mac, MAC_BYTES);
	buf_printf(out, "%sv1,%s", out->len > 0 ? " " : "", (const char *)text);
	return buf_finish(out);
}
