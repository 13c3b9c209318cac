/* Header lines of a mail: whatever the text, one header, folded; ASCII but for addresses. */
#include "tests/fuzz/fuzz.h"

#include "shared/infra/mail_header.h"

#define LINE_CHARS_MAX 998 /* RFC 5322 §2.1.1 */

/* A line break only before a space, no other control character, no line too long. */
static void
check_header(const struct buf *out, bool utf8)
{
	size_t line = 0;

	for (size_t i = 0; i < out->len; i++) {
		if (out->data[i] == '\r') {
			check(i + 2 < out->len && out->data[i + 1] == '\n' &&
			    out->data[i + 2] == ' ');
			check(line <= LINE_CHARS_MAX);
			line = 0;
			i++;
			continue;
		}
		check((unsigned char)out->data[i] >= 0x20 && out->data[i] != 0x7F);
		check(utf8 || (unsigned char)out->data[i] < 0x80);
		line++;
	}
	check(line <= LINE_CHARS_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = fuzz_arena();
	const char *address = fuzz_line(arena, &data, &size);
	const char *text = fuzz_text(arena, data, size);
	struct buf out auto_buf;

	buf_init(&out, FUZZ_ARENA_BYTES);
	if (!utf8_valid(text, strlen(text)) || !utf8_valid(address, strlen(address)))
		return 0;
	if (mail_header_text(&out, "Subject", text) == ERR_OK)
		check_header(&out, false);
	buf_reset(&out);
	if (mail_header_token(&out, "X-Shop-Event", text) == ERR_OK)
		check_header(&out, false);
	buf_reset(&out);
	if (mail_address_valid(address) && mail_header_mailbox(&out, "To", text, address) == ERR_OK)
		check_header(&out, true);
	return 0;
}
