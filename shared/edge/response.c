#include "shared/edge/response.h"

#include "shared/edge/request.h"

void
response_init(struct response *rs, struct arena *arena, struct buf *buf)
{
	buf_reset(buf);
	*rs = (struct response){.arena = arena, .buf = buf};
}

/* A control character in a value could end the header, and begin another one. */
static bool
is_safe(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			return false;
	return true;
}

static enum err
add_header(struct response *rs, const char *name, const char *value)
{
	struct header *header;

	TRY_ALLOC(value);
	if (!is_safe(name) || !is_safe(value))
		return ERR_INTERNAL;
	header = arena_alloc(rs->arena, sizeof(*header));
	TRY_ALLOC(header);
	*header = (struct header){.name = name, .value = value};
	if (rs->last_header != NULL)
		rs->last_header->next = header;
	else
		rs->headers = header;
	rs->last_header = header;
	return ERR_OK;
}

enum err
response_header(struct response *rs, const char *name, const char *format, ...)
{
	va_list args;
	const char *value;

	va_start(args, format);
	value = arena_vprintf(rs->arena, format, args);
	va_end(args);
	return add_header(rs, name, value);
}

enum err
response_location(struct response *rs, const char *format, ...)
{
	va_list args;
	const char *value;

	va_start(args, format);
	value = arena_vprintf(rs->arena, format, args);
	va_end(args);
	return add_header(rs, "Location", value);
}

enum err
response_cache(struct response *rs, const char *cache_control)
{
	TRY(response_header(rs, "Cache-Control", "%s", cache_control));
	rs->cache_set = true;
	return ERR_OK;
}

enum err
response_empty(struct response *rs, int status)
{
	rs->status = status;
	rs->content_type = NULL;
	rs->body = span_of(NULL, 0);
	return ERR_OK;
}

enum err
response_json(struct response *rs, int status)
{
	TRY(buf_finish(rs->buf));
	return response_bytes(rs, status, "application/json", span_of(rs->buf->data, rs->buf->len));
}

enum err
response_bytes(struct response *rs, int status, const char *content_type, struct span body)
{
	if (!is_safe(content_type))
		return ERR_INTERNAL;
	rs->status = status;
	rs->content_type = content_type;
	rs->body = body;
	return ERR_OK;
}

enum err
response_feed(
    struct response *rs, int status, const char *content_type, const struct body_feed *feed)
{
	TRY(response_bytes(rs, status, content_type, span_of(NULL, 0)));
	rs->feed = feed;
	return ERR_OK;
}

enum err
response_etag(struct response *rs, const struct request *rq, const char *etag, bool *not_modified)
{
	TRY(response_header(rs, "ETag", "%s", etag));
	*not_modified =
	    (rq->method == METHOD_GET || rq->method == METHOD_HEAD) && request_none_match(rq, etag);
	return *not_modified ? response_empty(rs, 304) : ERR_OK;
}
