#include "shared/infra/mail_header.h"

#include <string.h>

#include "shared/base/arena.h"
#include "shared/base/clock.h"
#include "shared/base/str.h"

#define LINE_MAX_CHARS     76  /* of a line with encoded words, RFC 2047 §2 */
#define LINE_HARD_CHARS    998 /* of any line, RFC 5322 §2.1.1 */
#define WORD_OPEN          "=?UTF-8?B?"
#define WORD_CLOSE         "?="
#define WORD_FRAME_CHARS   (sizeof(WORD_OPEN) - 1 + sizeof(WORD_CLOSE) - 1)
#define WORD_SCRATCH_BYTES 512
#define ADDRESS_MAX_BYTES  320 /* 64 + '@' + 255 */

static bool
is_printable_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text > 0x7E)
			return false;
	return true;
}

static bool
is_clean(const char *text)
{
	return utf8_valid(text, strlen(text)) && !utf8_has_control(text);
}

/* Bytes of TEXT that fit a word in COLUMNS characters, cut between characters of UTF-8.  As each
 * line has a name or a space before its words, none is longer than RFC 2047's 75 characters. */
static size_t
bytes_that_fit(const char *text, size_t len, size_t columns)
{
	size_t room;
	size_t taken = 0;

	room = columns <= WORD_FRAME_CHARS ? 0 : (columns - WORD_FRAME_CHARS) / 4 * 3;
	while (taken < len) {
		size_t step = utf8_sequence(text + taken, len - taken);

		if (taken + step > room)
			break;
		taken += step;
	}
	return taken;
}

/* TEXT as encoded words; *COLUMN is where the line stands, before and after. */
static enum err
put_words(struct buf *out, const char *text, size_t *column)
{
	auto_arena struct arena *arena = NULL;
	size_t len = strlen(text);
	bool first = true;

	TRY(arena_new(WORD_SCRATCH_BYTES, &arena));
	while (len > 0) {
		size_t taken = bytes_that_fit(text, len, LINE_MAX_CHARS - *column);
		const char *word;

		if (!first || taken == 0) { /* the space of a fold between two words is not shown */
			buf_puts(out, "\r\n ");
			*column = 1;
			taken = bytes_that_fit(text, len, LINE_MAX_CHARS - *column);
		}
		word = base64_encode(arena, text, taken);
		TRY_ALLOC(word);
		buf_printf(out, WORD_OPEN "%s" WORD_CLOSE, word);
		*column += WORD_FRAME_CHARS + strlen(word);
		text += taken;
		len -= taken;
		first = false;
		arena_reset(arena);
	}
	return ERR_OK;
}

/* "Name: "; gives back the column behind it. */
static size_t
put_name(struct buf *out, const char *name)
{
	buf_printf(out, "%s: ", name);
	return strlen(name) + 2;
}

enum err
mail_header_text(struct buf *out, const char *name, const char *value)
{
	size_t column;

	if (!is_clean(value))
		return ERR_MALFORMED;
	column = put_name(out, name);
	/* What looks like an encoded word must be one, or it would be shown decoded. */
	if (is_printable_ascii(value) && strstr(value, "=?") == NULL && value[0] != ' ' &&
	    column + strlen(value) <= LINE_MAX_CHARS) {
		buf_puts(out, value);
		return ERR_OK;
	}
	return put_words(out, value, &column);
}

/* RFC 5322's atext and the space: what a display name may hold without quotes. */
static bool
is_phrase(const char *text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789 !#$%&'*+-/=?^_`{|}~";

	return text[strspn(text, allowed)] == '\0';
}

static void
put_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

static enum err
put_display(struct buf *out, const char *display, size_t *column)
{
	size_t start = out->len;

	if (!is_printable_ascii(display) || strstr(display, "=?") != NULL ||
	    strlen(display) > LINE_MAX_CHARS / 2)
		return put_words(out, display, column);
	if (is_phrase(display))
		buf_puts(out, display);
	else
		put_quoted(out, display);
	*column += out->len - start;
	return ERR_OK;
}

enum err
mail_header_mailbox(struct buf *out, const char *name, const char *display, const char *address)
{
	size_t column;

	if (!mail_address_valid(address))
		return ERR_MALFORMED;
	column = put_name(out, name);
	if (display == NULL || display[0] == '\0') {
		buf_puts(out, address);
		return ERR_OK;
	}
	if (!is_clean(display))
		return ERR_MALFORMED;
	TRY(put_display(out, display, &column));
	buf_puts(out, column + strlen(address) + 3 > LINE_MAX_CHARS ? "\r\n <" : " <");
	buf_printf(out, "%s>", address);
	return ERR_OK;
}

enum err
mail_header_token(struct buf *out, const char *name, const char *value)
{
	if (!is_printable_ascii(value) || !is_printable_ascii(name) || strchr(name, ':') != NULL ||
	    strlen(name) + 2 + strlen(value) > LINE_HARD_CHARS)
		return ERR_MALFORMED;
	(void)put_name(out, name);
	buf_puts(out, value);
	return ERR_OK;
}

void
mail_header_date(struct buf *out, const char *name, int64_t unix_ms)
{
	char date[30];

	time_format_http(unix_ms, date);
	/* The two forms differ in the zone alone. */
	(void)put_name(out, name);
	buf_put(out, date, strlen(date) - strlen("GMT"));
	buf_puts(out, "+0000");
}

bool
mail_address_valid(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL && at != address && at[1] != '\0' &&
	    strlen(address) <= ADDRESS_MAX_BYTES && is_clean(address) &&
	    strpbrk(address, " <>,;:\"\\()[]") == NULL && strchr(address, '@') == at;
}
