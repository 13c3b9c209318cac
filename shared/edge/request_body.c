#include "shared/edge/request_body.h"

#include <string.h>
#include <strings.h>

#include "shared/base/num.h"
#include "shared/edge/request_cgi.h"

static enum err
read_length(struct request *rq, const struct route *route, size_t *out)
{
	const char *text = request_variable(rq, "CONTENT_LENGTH");
	size_t max = route->body_max_bytes > 0 ? route->body_max_bytes : BODY_JSON_MAX_BYTES;
	int64_t length = 0;

	if (text != NULL && text[0] != '\0') {
		switch (num_parse_i64(text, 0, INT64_MAX, &length)) {
		case ERR_OK:
			break;
		case ERR_VALIDATION:
			length = text[0] == '-' ? -1 : INT64_MAX;
			break;
		default:
			length = -1;
			break;
		}
	}
	if (length < 0)
		return fault_set(&rq->fault, ERR_MALFORMED, "Content-Length is no length.");
	if (route->body != BODY_NONE && (uint64_t)length > max)
		return fault_set(
		    &rq->fault, ERR_BODY_TOO_LARGE, "At most %zu bytes are taken here.", max);
	*out = (size_t)length;
	return ERR_OK;
}

/* No charset, or UTF-8: JSON has no other (RFC 8259 §8.1). */
static bool
charset_fits(const char *content_type)
{
	const char *at = content_type;

	while ((at = strchr(at, ';')) != NULL) {
		size_t len;

		at++;
		at += strspn(at, " \t");
		if (strncasecmp(at, "charset=", 8) != 0)
			continue;
		at += 8;
		at += *at == '"';
		len = strcspn(at, "\"; \t");
		if (len != 5 || strncasecmp(at, "utf-8", 5) != 0)
			return false;
	}
	return true;
}

static bool
is_among(const char *text, const char *const *choices)
{
	for (; *choices != NULL; choices++)
		if (str_equal(text, *choices))
			return true;
	return false;
}

/* What Content-Type may say; TOLD the same for a person. */
static const char *const *
allowed_types(enum body_kind kind, const char **told)
{
	static const char *const json[] = {"application/json", NULL};
	static const char *const patch[] = {
	    "application/merge-patch+json", "application/json", NULL};
	static const char *const image[] = {"image/png", "image/jpeg", "image/webp", NULL};

	switch (kind) {
	case BODY_IMAGE:
		*told = "image/png, image/jpeg or image/webp";
		return image;
	case BODY_MERGE_PATCH:
		*told = "application/merge-patch+json or application/json";
		return patch;
	default:
		*told = "application/json";
		return json;
	}
}

static enum err
check_type(struct request *rq, enum body_kind kind)
{
	const char *told;
	const char *const *allowed = allowed_types(kind, &told);

	if (rq->content_type == NULL || !is_among(rq->content_type, allowed))
		return fault_set(&rq->fault, ERR_MEDIA_TYPE, "Content-Type must be %s.", told);
	if (kind != BODY_IMAGE && !charset_fits(request_variable(rq, "CONTENT_TYPE")))
		return fault_set(&rq->fault, ERR_MEDIA_TYPE, "The charset of JSON is UTF-8.");
	return ERR_OK;
}

static enum err
check_kind(struct request *rq, enum body_kind kind, size_t length)
{
	if (kind == BODY_NONE && length > 0)
		return fault_set(&rq->fault,
		    rq->content_type != NULL ? ERR_MEDIA_TYPE : ERR_MALFORMED,
		    "This request takes no body.");
	if (length == 0) {
		if (kind == BODY_NONE || kind == BODY_JSON_OPTIONAL)
			return ERR_OK;
		return fault_set(&rq->fault, ERR_MALFORMED, "This request needs a body.");
	}
	return check_type(rq, kind);
}

enum err
request_body_read(struct request *rq, const struct route *route, const struct body_source *source)
{
	size_t length = 0;
	char *bytes;

	TRY(read_length(rq, route, &length));
	TRY(check_kind(rq, route->body, length));
	if (length == 0)
		return ERR_OK;
	if (route->body == BODY_IMAGE) {
		rq->upload = *source;
		rq->upload_bytes = length;
		return ERR_OK;
	}
	bytes = arena_alloc(rq->arena, length + 1);
	TRY_ALLOC(bytes);
	if (source->read(source->context, bytes, length) != length)
		return fault_set(&rq->fault, ERR_MALFORMED, "The body ended early.");
	rq->body = span_of(bytes, length);
	return ERR_OK;
}
