#include "shared/edge/page.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

/* A cursor: kind, number (big-endian), id, text (of KIND_TEXT alone), and the MAC over all that. */
#define KIND_NUMBER 'n'
#define KIND_TEXT   't'
#define NUMBER_AT   1
#define ID_AT       9
#define TEXT_AT     (ID_AT + ID_LEN)
#define MAC_BYTES   16

#define CURSOR_CHARS_MAX 4096
#define SIGNED_BYTES_MAX ((size_t)1 << 18)
#define LINK_BYTES_MAX   ((size_t)1 << 16)

const struct config_row page_settings_rows[] = {
    {.name = "CURSOR_SECRET",
	.type = CONFIG_SECRET,
	.offset = offsetof(struct page_settings, cursor_secret),
	.min = 16,
	.text =
	    "Secret that signs the cursors of lists, at least 16 bytes; the same in every pod."},
    {.name = NULL},
};

struct span
page_secret(const struct page_settings *settings)
{
	return span_of(settings->cursor_secret, strlen(settings->cursor_secret));
}

static void
put_u64(struct buf *buf, uint64_t value)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_putc(buf, (char)(value >> shift & 0xFF));
}

static uint64_t
get_u64(const char *in)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | (unsigned char)in[i];
	return value;
}

/* Length first, so that no two lists of texts are signed alike. */
static void
put_piece(struct buf *buf, struct span piece)
{
	put_u64(buf, piece.len);
	buf_put(buf, piece.data, piece.len);
}

static void
put_text(struct buf *buf, const char *text)
{
	put_piece(buf, span_of(text, strlen(text)));
}

/* The parameters that say which list it is, in the order of their names. */
static void
put_filter(struct buf *buf, const struct query *query)
{
	size_t order[QUERY_PARAMS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < query->count; i++) {
		const char *name = query->params[i].name;
		size_t at = count;

		if (str_equal(name, "cursor") || str_equal(name, "limit"))
			continue;
		for (; at > 0 && strcmp(query->params[order[at - 1]].name, name) > 0; at--)
			order[at] = order[at - 1];
		order[at] = i;
		count++;
	}
	for (size_t i = 0; i < count; i++) {
		put_text(buf, query->params[order[i]].name);
		put_text(buf, query->params[order[i]].value);
	}
}

static enum err
sign(const struct query *query, struct span secret, const char *scope, struct span payload,
    unsigned char mac[EVP_MAX_MD_SIZE])
{
	struct buf buf auto_buf;

	buf_init(&buf, SIGNED_BYTES_MAX);
	put_text(&buf, scope);
	put_piece(&buf, payload);
	put_filter(&buf, query);
	TRY(buf_finish(&buf));
	if (secret.len > INT32_MAX ||
	    HMAC(EVP_sha256(), secret.data, (int)secret.len, (const unsigned char *)buf.data,
		buf.len, mac, NULL) == NULL)
		return ERR_INTERNAL;
	return ERR_OK;
}

/* ERR_MALFORMED for every cursor that this list, with this filter, never gave. */
static enum err
read_cursor(const struct query *query, struct span secret, const char *scope, const char *cursor,
    struct page *out)
{
	struct arena *arena = query->rq->arena;
	unsigned char mac[EVP_MAX_MD_SIZE];
	struct span bytes, payload;
	char *id;

	TRY(base64url_decode(arena, cursor, strlen(cursor), &bytes));
	if (bytes.len < TEXT_AT + MAC_BYTES)
		return ERR_MALFORMED;
	payload = span_of(bytes.data, bytes.len - MAC_BYTES);
	TRY(sign(query, secret, scope, payload, mac));
	if (!bytes_equal_secret(mac, MAC_BYTES, payload.data + payload.len, MAC_BYTES))
		return ERR_MALFORMED;
	id = arena_memdup(arena, payload.data + ID_AT, ID_LEN);
	TRY_ALLOC(id);
	TRY(id_parse(id, &out->after_id));
	out->after_number = (int64_t)get_u64(payload.data + NUMBER_AT);
	out->after_text = NULL;
	if (payload.data[0] == KIND_TEXT) {
		out->after_text =
		    arena_memdup(arena, payload.data + TEXT_AT, payload.len - TEXT_AT);
		TRY_ALLOC(out->after_text);
	}
	out->has_after = true;
	return ERR_OK;
}

void
page_read(struct query *query, struct span secret, const char *scope, struct page *out)
{
	static const struct text_rule rule = {.min = 1, .max = CURSOR_CHARS_MAX};
	const char *cursor;
	bool has_cursor;

	*out = (struct page){.limit = PAGE_LIMIT_DEFAULT};
	query_read_int(query, "limit", 1, PAGE_LIMIT_MAX, &out->limit, NULL);
	query_read_text(query, "cursor", &rule, &cursor, &has_cursor);
	if (has_cursor && read_cursor(query, secret, scope, cursor, out) != ERR_OK)
		query_fault(query, "cursor", FIELD_BAD_FORMAT, "It is no cursor of this list.");
}

static enum err
write_cursor(const struct query *query, struct span secret, const char *scope,
    const struct page_key *next, char **out)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	struct buf buf auto_buf;

	buf_init(&buf, CURSOR_CHARS_MAX / 4 * 3);
	buf_putc(&buf, next->text != NULL ? KIND_TEXT : KIND_NUMBER);
	put_u64(&buf, (uint64_t)next->number);
	buf_put(&buf, next->id.text, ID_LEN);
	if (next->text != NULL)
		buf_puts(&buf, next->text);
	TRY(buf_finish(&buf));
	TRY(sign(query, secret, scope, span_of(buf.data, buf.len), mac));
	buf_put(&buf, mac, MAC_BYTES);
	TRY(buf_finish(&buf));
	*out = base64url_encode(query->rq->arena, buf.data, buf.len);
	TRY_ALLOC(*out);
	return ERR_OK;
}

/* Link: the same request with the next cursor (RFC 8288; the target is relative to the host). */
static enum err
add_link(const struct query *query, struct response *rs, const char *cursor)
{
	struct buf buf auto_buf;

	buf_init(&buf, LINK_BYTES_MAX);
	buf_put_percent(&buf, query->rq->path, "/%");
	buf_putc(&buf, '?');
	for (size_t i = 0; i < query->count; i++) {
		if (str_equal(query->params[i].name, "cursor"))
			continue;
		buf_put_percent(&buf, query->params[i].name, "");
		buf_putc(&buf, '=');
		buf_put_percent(&buf, query->params[i].value, "");
		buf_putc(&buf, '&');
	}
	buf_printf(&buf, "cursor=%s", cursor);
	TRY(buf_finish(&buf));
	return response_header(rs, "Link", "<%s>; rel=\"next\"", buf.data);
}

enum err
page_finish(struct query *query, struct response *rs, struct json_writer *w, struct span secret,
    const char *scope, const struct page_key *next)
{
	char *cursor = NULL;

	if (next != NULL) {
		TRY(write_cursor(query, secret, scope, next, &cursor));
		TRY(add_link(query, rs, cursor));
	}
	json_array_close(w);
	json_put_text(w, "next_cursor", cursor);
	json_object_close(w);
	return response_json(rs, 200);
}
