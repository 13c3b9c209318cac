#include "shared/infra/smtp.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "shared/base/str.h"
#include "shared/infra/curl_scope.h"
#include "shared/infra/smtp_message.h"

#define REPLY_SIZE 256

struct smtp {
	CURL *easy;
	/* What the server said in the transfer that runs. */
	char last_reply[REPLY_SIZE];
	bool asked_for_data; /* 354 was seen: what follows is about the mail itself */
	/* Of the connection: what the reply to its last EHLO offered, once that is over. */
	bool greeted, offers_utf8;
	/* Of the transfer: its address can't be said without SMTPUTF8; the server lacks it. */
	bool needs_utf8, lacks_utf8;
};

/* --- the address of the server ---------------------------------------------------------------- */

/* Gives libcurl user and password, and takes them out of the address. */
static enum err
set_login(CURL *easy, CURLU *url, bool *has_login)
{
	auto_curl_text char *user = NULL;
	auto_curl_text char *password = NULL;
	CURLUcode user_code = curl_url_get(url, CURLUPART_USER, &user, CURLU_URLDECODE);
	CURLUcode password_code = curl_url_get(url, CURLUPART_PASSWORD, &password, CURLU_URLDECODE);

	*has_login = user_code == CURLUE_OK;
	if (user_code == CURLUE_NO_USER)
		return password_code == CURLUE_NO_PASSWORD ? ERR_OK : ERR_CONFIG;
	if (user_code != CURLUE_OK || password_code != CURLUE_OK)
		return ERR_CONFIG;
	if (curl_url_set(url, CURLUPART_USER, NULL, 0) != CURLUE_OK ||
	    curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) != CURLUE_OK ||
	    curl_easy_setopt(easy, CURLOPT_USERNAME, user) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_PASSWORD, password) != CURLE_OK)
		return ERR_MEMORY;
	return ERR_OK;
}

/* What may stand behind '?'; it is ours, not the server's. */
struct smtp_options {
	bool tls_required, tls_optional;
	char cacertfile[PATH_MAX]; /* "": the system's authorities */
};

static enum err
read_option(const char *text, size_t len, struct smtp_options *options)
{
	static const char required[] = "tls=required";
	static const char optional[] = "tls=optional";
	static const char file[] = "cacertfile=";
	size_t file_len = sizeof(file) - 1;

	if (len == sizeof(required) - 1 && memcmp(text, required, len) == 0) {
		options->tls_required = true;
		return ERR_OK;
	}
	if (len == sizeof(optional) - 1 && memcmp(text, optional, len) == 0) {
		options->tls_optional = true;
		return ERR_OK;
	}
	if (len <= file_len || memcmp(text, file, file_len) != 0 ||
	    len - file_len >= sizeof(options->cacertfile))
		return ERR_CONFIG;
	memcpy(options->cacertfile, text + file_len, len - file_len);
	options->cacertfile[len - file_len] = '\0';
	return ERR_OK;
}

static enum err
take_options(CURLU *url, struct smtp_options *options)
{
	auto_curl_text char *query = NULL;
	CURLUcode code = curl_url_get(url, CURLUPART_QUERY, &query, CURLU_URLDECODE);
	const char *at = query;

	if (code == CURLUE_NO_QUERY)
		return ERR_OK;
	if (code != CURLUE_OK)
		return ERR_CONFIG;
	for (;;) {
		size_t len = strcspn(at, "&");

		TRY(read_option(at, len, options));
		if (at[len] == '\0')
			break;
		at += len + 1;
	}
	if (options->tls_required && options->tls_optional)
		return ERR_CONFIG;
	return curl_url_set(url, CURLUPART_QUERY, NULL, 0) == CURLUE_OK ? ERR_OK : ERR_MEMORY;
}

/* A password goes to nobody who can't show a certificate, and never in clear unasked. */
static enum err
set_tls(CURL *easy, const struct smtp_options *options, bool is_smtps, bool has_login)
{
	bool required = options->tls_required || (has_login && !options->tls_optional);
	bool verify = required || has_login || is_smtps;
	long use = required ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY;

	if (curl_easy_setopt(easy, CURLOPT_USE_SSL, use) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, (long)verify) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, (long)verify * 2) != CURLE_OK)
		return ERR_MEMORY;
	if (options->cacertfile[0] != '\0' &&
	    curl_easy_setopt(easy, CURLOPT_CAINFO, options->cacertfile) != CURLE_OK)
		return ERR_MEMORY;
	return ERR_OK;
}

static enum err
set_address(CURL *easy, const char *text)
{
	auto_curl_url CURLU *url = curl_url();
	auto_curl_text char *scheme = NULL;
	auto_curl_text char *host = NULL;
	auto_curl_text char *address = NULL;
	struct smtp_options options = {0};
	bool has_login;

	TRY_ALLOC(url);
	if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    (!str_equal(scheme, "smtp") && !str_equal(scheme, "smtps")) ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK || host[0] == '\0')
		return ERR_CONFIG;
	TRY(take_options(url, &options));
	TRY(set_login(easy, url, &has_login));
	if (curl_url_get(url, CURLUPART_URL, &address, 0) != CURLUE_OK)
		return ERR_CONFIG;
	if (curl_easy_setopt(easy, CURLOPT_URL, address) != CURLE_OK)
		return ERR_MEMORY;
	return set_tls(easy, &options, str_equal(scheme, "smtps"), has_login);
}

/* --- the client ------------------------------------------------------------------------------- */

static bool
begins(const char *line, size_t len, const char *word)
{
	return len >= strlen(word) && strncasecmp(line, word, strlen(word)) == 0;
}

/*
 * Listens for SMTPUTF8 in the reply to EHLO, the first 250 after a 220, be that the greeting's or
 * STARTTLS's.  False: the mail needs it, the server has not got it, and MAIL was just answered:
 * libcurl would now name the recipient in letters that the server can't read.
 */
static bool
hear_extensions(struct smtp *smtp, const char *line, size_t len)
{
	if (begins(line, len, "220")) {
		smtp->greeted = false;
		smtp->offers_utf8 = false;
		return true;
	}
	if (!begins(line, len, "250"))
		return true;
	if (smtp->greeted) {
		smtp->lacks_utf8 = smtp->needs_utf8 && !smtp->offers_utf8;
		return !smtp->lacks_utf8;
	}
	if (len > 4 && begins(line + 4, len - 4, "SMTPUTF8"))
		smtp->offers_utf8 = true;
	smtp->greeted = begins(line, len, "250 ");
	return true;
}

/* libcurl hands over each line of the server's replies. */
static size_t
hear_reply(char *line, size_t size, size_t count, void *context)
{
	struct smtp *smtp = context;
	size_t len = size * count; /* SIZE is 1, says libcurl */
	size_t kept = 0;

	if (!hear_extensions(smtp, line, len))
		return 0; /* the transfer is over */
	/* 221 answers the QUIT that follows a refusal: the refusal is what counts. */
	if (begins(line, len, "221"))
		return len;
	if (begins(line, len, "354"))
		smtp->asked_for_data = true;
	for (; kept < len && kept + 1 < sizeof(smtp->last_reply); kept++) {
		if (line[kept] == '\r' || line[kept] == '\n')
			break;
		smtp->last_reply[kept] = line[kept] < 0x20 || line[kept] > 0x7E ? '?' : line[kept];
	}
	smtp->last_reply[kept] = '\0';
	return len;
}

static CURLcode
set_up(CURL *easy, struct smtp *smtp)
{
	CURLcode code = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);

	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_PROXY, "");
	if (code == CURLE_OK) /* the login in one step (RFC 4954 §4), not two */
		code = curl_easy_setopt(easy, CURLOPT_SASL_IR, 1L);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, hear_reply);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, smtp);
	return code;
}

enum err
smtp_new(const char *url, struct smtp **out)
{
	auto_smtp struct smtp *smtp = calloc(1, sizeof(*smtp));

	TRY_ALLOC(smtp);
	/* Counted and safe on any thread since 7.84; never undone, as other threads may use it. */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		smtp->easy = curl_easy_init();
	if (smtp->easy == NULL || set_up(smtp->easy, smtp) != CURLE_OK)
		return ERR_MEMORY;
	TRY(set_address(smtp->easy, url));
	*out = smtp;
	smtp = NULL;
	return ERR_OK;
}

void
smtp_free(struct smtp **smtp)
{
	if (*smtp == NULL)
		return;
	curl_easy_cleanup((*smtp)->easy);
	free(*smtp);
	*smtp = NULL;
}

/* --- sending ---------------------------------------------------------------------------------- */

/* 530, 534, 535, 538 (RFC 4954 §6): the server wants a login or TLS of us; no mail is at fault. */
static bool
is_about_login(long reply)
{
	return reply == 530 || reply == 534 || reply == 535 || reply == 538;
}

static enum smtp_result
judge(CURLcode code, long reply, bool asked_for_data)
{
	/* MAIL, RCPT and DATA are refused with the first of these, the mail's text with the second;
	 * which a bad greeting has too. */
	bool about_mail = code == CURLE_SEND_ERROR ||
	    (asked_for_data && (code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_RECV_ERROR));

	if (code == CURLE_OK)
		return SMTP_SENT;
	if (about_mail && reply >= 500 && reply <= 599 && !is_about_login(reply))
		return SMTP_REFUSED;
	return SMTP_TRY_LATER;
}

/* A server that fell silent behind DATA may still answer; libcurl would keep that connection and
 * take the late answer for the next command's. */
static void
drop_connection(struct smtp *smtp)
{
	curl_socket_t socket = CURL_SOCKET_BAD;

	if (curl_easy_getinfo(smtp->easy, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK &&
	    socket != CURL_SOCKET_BAD)
		(void)shutdown(socket, SHUT_RDWR);
}

static CURLcode
perform(struct smtp *smtp, const struct deadline *deadline, const struct mail *mail,
    const struct smtp_message *message)
{
	CURL *easy = smtp->easy;
	int64_t left_ms = deadline_left_ms(deadline);
	CURLcode code =
	    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, left_ms > 0 ? (long)left_ms : 1L);

	/* For the answer to QUIT, which is not counted above. */
	if (code == CURLE_OK)
		code = curl_easy_setopt(
		    easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(left_ms / 1000 + 1));
	smtp->last_reply[0] = '\0';
	smtp->asked_for_data = false;
	smtp->needs_utf8 = message->needs_utf8;
	smtp->lacks_utf8 = false;
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_MAIL_FROM, mail->from_address);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, message->recipients);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, message->headers);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_MIMEPOST, message->mime);
	if (code == CURLE_OK)
		code = curl_easy_perform(easy);
	/* They are the message's and go with it. */
	(void)curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_MIMEPOST, NULL);
	return code;
}

/* A connection kept from the mail before, which the server had ended meanwhile: it never heard of
 * this mail. */
static bool
had_ended(const struct smtp *smtp, CURLcode code)
{
	long connects = 1;

	return (code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR) &&
	    smtp->last_reply[0] == '\0' &&
	    curl_easy_getinfo(smtp->easy, CURLINFO_NUM_CONNECTS, &connects) == CURLE_OK &&
	    connects == 0;
}

static enum err
send_message(struct smtp *smtp, const struct deadline *deadline, const struct mail *mail,
    const struct smtp_message *message, enum smtp_result *result, char *detail, size_t detail_size)
{
	long reply = 0;
	CURLcode code = perform(smtp, deadline, mail, message);
	bool heard;

	if (had_ended(smtp, code))
		code = perform(smtp, deadline, mail, message);
	if (code == CURLE_OUT_OF_MEMORY)
		return ERR_MEMORY;
	if (smtp->lacks_utf8) {
		*result = SMTP_REFUSED;
		(void)snprintf(detail, detail_size,
		    "the address needs SMTPUTF8, which the mail server does not offer");
		return ERR_OK;
	}
	if (curl_easy_getinfo(smtp->easy, CURLINFO_RESPONSE_CODE, &reply) != CURLE_OK)
		reply = 0;
	heard = smtp->last_reply[0] != '\0' && (code == CURLE_OK || reply >= 400);
	if (!heard)
		drop_connection(smtp);
	*result = judge(code, reply, smtp->asked_for_data);
	(void)snprintf(
	    detail, detail_size, "%s", heard ? smtp->last_reply : curl_easy_strerror(code));
	return ERR_OK;
}

enum err
smtp_send(struct smtp *smtp, const struct deadline *deadline, const struct mail *mail,
    enum smtp_result *result, char *detail, size_t detail_size)
{
	struct smtp_message message;
	enum err err = smtp_message_init(&message, smtp->easy, mail);

	if (err == ERR_MALFORMED) {
		*result = SMTP_REFUSED;
		(void)snprintf(detail, detail_size, "an address or header is malformed");
		err = ERR_OK;
	} else if (err == ERR_OK && deadline_left_ms(deadline) == 0) {
		*result = SMTP_TRY_LATER;
		(void)snprintf(detail, detail_size, "no time was left");
	} else if (err == ERR_OK) {
		err = send_message(smtp, deadline, mail, &message, result, detail, detail_size);
	}
	smtp_message_fini(&message);
	return err;
}
