#include "shared/infra/smtp_message.h"

#include <string.h>

#include "shared/base/buf.h"
#include "shared/infra/curl_scope.h"
#include "shared/infra/mail_header.h"

#define HEADER_MAX_BYTES 8192
#define PART_MAX_BYTES   ((size_t)1024 * 1024)

static enum err
append(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	TRY_ALLOC(longer);
	*list = longer;
	return ERR_OK;
}

/* Takes over what a writer of mail_header.h made, and empties the buffer. */
static enum err
append_line(struct curl_slist **list, struct buf *line, enum err written)
{
	TRY(written);
	TRY(buf_finish(line));
	TRY(append(list, line->data));
	buf_reset(line);
	return ERR_OK;
}

static bool
is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] > 0x7F)
			return false;
	return true;
}

/* ADDRESS with its domain in ASCII; as it is where that can't be. */
static enum err
put_address(struct buf *out, const char *address)
{
	auto_curl_url CURLU *url = NULL;
	auto_curl_text char *host = NULL;
	const char *domain = strrchr(address, '@') + 1;

	if (is_ascii(domain, strlen(domain))) {
		buf_puts(out, address);
		return buf_finish(out);
	}
	url = curl_url();
	TRY_ALLOC(url);
	if (curl_url_set(url, CURLUPART_SCHEME, "smtp", 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_HOST, domain, 0) == CURLUE_OK)
		(void)curl_url_get(url, CURLUPART_HOST, &host, CURLU_PUNYCODE);
	buf_put(out, address, (size_t)(domain - address));
	buf_puts(out, host != NULL ? host : domain);
	return buf_finish(out);
}

static enum err
build_headers(struct curl_slist **list, const struct mail *mail, const char *to_address)
{
	auto_buf struct buf line;

	buf_init(&line, HEADER_MAX_BYTES);
	TRY(append_line(
	    list, &line, mail_header_mailbox(&line, "From", mail->from_name, mail->from_address)));
	TRY(append_line(list, &line, mail_header_mailbox(&line, "To", mail->to_name, to_address)));
	TRY(append_line(list, &line, mail_header_text(&line, "Subject", mail->subject)));
	mail_header_date(&line, "Date", mail->date_ms);
	TRY(append_line(list, &line, ERR_OK));
	TRY(append_line(list, &line, mail_header_token(&line, "Message-ID", mail->message_id)));
	for (size_t i = 0; i < MAIL_HEADERS_MAX && mail->headers[i][0] != NULL; i++)
		TRY(append_line(list, &line,
		    mail_header_token(&line, mail->headers[i][0], mail->headers[i][1])));
	TRY(append(list, "MIME-Version: 1.0"));
	/* libcurl adds the boundary, and would say multipart/mixed of itself. */
	return append(list, "Content-Type: multipart/alternative");
}

/* Lines of a mail end with CRLF, whatever ends them in TEXT. */
static enum err
to_crlf(struct buf *out, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\r\n");

		buf_put(out, text, len);
		text += len;
		if (*text == '\0')
			break;
		buf_puts(out, "\r\n");
		text += text[0] == '\r' && text[1] == '\n' ? 2 : 1;
	}
	return buf_finish(out);
}

static enum err
add_part(curl_mime *mime, const char *type, const char *text)
{
	auto_buf struct buf lines;
	curl_mimepart *part = curl_mime_addpart(mime);

	TRY_ALLOC(part);
	buf_init(&lines, PART_MAX_BYTES);
	TRY(to_crlf(&lines, text));
	if (curl_mime_data(part, lines.data != NULL ? lines.data : "", lines.len) != CURLE_OK ||
	    curl_mime_type(part, type) != CURLE_OK ||
	    curl_mime_encoder(part, "quoted-printable") != CURLE_OK)
		return ERR_MEMORY;
	return ERR_OK;
}

enum err
smtp_message_init(struct smtp_message *out, CURL *easy, const struct mail *mail)
{
	auto_buf struct buf to;

	*out = (struct smtp_message){0};
	buf_init(&to, HEADER_MAX_BYTES);
	if (!mail_address_valid(mail->to_address))
		return ERR_MALFORMED;
	TRY(put_address(&to, mail->to_address));
	TRY(build_headers(&out->headers, mail, to.data));
	TRY(append(&out->recipients, to.data));
	/* A domain that has no form in ASCII needs it too. */
	out->needs_utf8 = !is_ascii(to.data, to.len);
	out->mime = curl_mime_init(easy);
	TRY_ALLOC(out->mime);
	/* The last alternative is the one preferred (RFC 2046 §5.1.4). */
	TRY(add_part(out->mime, "text/plain; charset=utf-8", mail->text));
	return add_part(out->mime, "text/html; charset=utf-8", mail->html);
}

void
smtp_message_fini(struct smtp_message *message)
{
	curl_slist_free_all(message->headers);
	curl_slist_free_all(message->recipients);
	curl_mime_free(message->mime);
	*message = (struct smtp_message){0};
}
