/*
 * The cursor of a list.  The first line is its base64url; what follows is signed here, as no fuzzer
 * can, so that what stands behind the signature is reached, too.
 */
#include "tests/fuzz/fuzz.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "shared/edge/page.h"
#include "shared/edge/request_cgi.h"

#define MAC_BYTES 16

static const struct span secret = {"0123456789abcdef", 16};

static void
read_page(struct arena *arena, const char *cursor)
{
	struct request rq;
	struct query query;
	struct page page;

	request_init(&rq, arena, NULL, &clock_system);
	rq.query = arena_printf(arena, "cursor=%s", cursor);
	if (query_begin(&query, &rq) != ERR_OK)
		return;
	page_read(&query, secret, "item", &page);
	check(page.limit >= 1 && page.limit <= PAGE_LIMIT_MAX);
	check(!page.has_after || fuzz_is_id(&page.after_id));
	(void)!query_end(&query);
}

static void
put_length(struct buf *buf, size_t len)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_putc(buf, (char)((uint64_t)len >> shift & 0xFF));
}

/* As page.c signs the list "item" without a filter. */
static const char *
signed_cursor(struct arena *arena, const void *payload, size_t size)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	struct buf buf auto_buf;

	buf_init(&buf, FUZZ_ARENA_BYTES);
	put_length(&buf, strlen("item"));
	buf_puts(&buf, "item");
	put_length(&buf, size);
	buf_put(&buf, payload, size);
	check(buf_finish(&buf) == ERR_OK);
	check(HMAC(EVP_sha256(), secret.data, (int)secret.len, (const unsigned char *)buf.data,
		  buf.len, mac, NULL) != NULL);
	buf_reset(&buf);
	buf_put(&buf, payload, size);
	buf_put(&buf, mac, MAC_BYTES);
	return base64url_encode(arena, buf.data, buf.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = fuzz_arena();

	read_page(arena, fuzz_line(arena, &data, &size));
	read_page(arena, signed_cursor(arena, data, size));
	return 0;
}
