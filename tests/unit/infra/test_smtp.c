#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "shared/infra/smtp.h"
#include "tests/unit/infra/smtp_server.h"

static char detail[128];

static struct mail
good_mail(void)
{
	return (struct mail){
	    .from_address = "shop@example.org",
	    .from_name = "The Shop",
	    .to_address = "ann@example.org",
	    .to_name = "Ann",
	    .subject = "Größe",
	    .message_id = "<e.receipt.u@example.org>",
	    .date_ms = INT64_C(784111777000),
	    .headers = {{"X-Shop-Template", "receipt"}, {"X-Shop-Event", "e"}},
	    .text = "one\n.\n..two\r\nthree ü\rend",
	    .html = "<p>one</p>\n",
	};
}

static enum smtp_result
send_by(struct smtp *smtp, const struct mail *mail, int64_t within_ms)
{
	struct deadline deadline = deadline_in(&clock_system, within_ms);
	enum smtp_result result = SMTP_REFUSED;

	assert_err(ERR_OK, smtp_send(smtp, &deadline, mail, &result, detail, sizeof(detail)));
	return result;
}

static enum smtp_result
send_under(struct script script, int64_t within_ms)
{
	auto_smtp struct smtp *smtp = NULL;
	struct mail mail = good_mail();

	server_say(script);
	assert_err(ERR_OK, smtp_new(server.url, &smtp));
	return send_by(smtp, &mail, within_ms);
}

#define LONG_MS 20000

/* Does what the client said, in its commands or its mail, hold TEXT?  An assertion that fails under
 * the lock would leave the server waiting for it. */
static bool
was_said(const struct buf *said, const char *text)
{
	pthread_mutex_lock(&server.lock);
	bool found = said->len > 0 && strstr(said->data, text) != NULL;
	pthread_mutex_unlock(&server.lock);
	return found;
}

static void
a_mail_arrives_whole(void **state)
{
	static const char *const lines[] = {
	    "From: The Shop <shop@example.org>\r\n",
	    "To: Ann <ann@example.org>\r\n",
	    "Subject: =?UTF-8?B?R3LDtsOfZQ==?=\r\n",
	    "Date: Sun, 06 Nov 1994 08:49:37 +0000\r\n",
	    "Message-ID: <e.receipt.u@example.org>\r\n",
	    "X-Shop-Template: receipt\r\n",
	    "X-Shop-Event: e\r\n",
	    "MIME-Version: 1.0\r\n",
	    "Content-Type: multipart/alternative; boundary=",
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	    /* A dot that begins a line is doubled on the way (RFC 5321 §4.5.2). */
	    "one\r\n..\r\n...two\r\nthree =C3=BC\r\nend",
	    "Content-Type: text/html; charset=utf-8\r\n",
	    "<p>one</p>\r\n",
	};

	(void)state;
	assert_int_equal(send_under((struct script){0}, LONG_MS), SMTP_SENT);
	assert_string_equal(detail, "250 2.0.0 queued as 7");
	pthread_mutex_lock(&server.lock);
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		assert_non_null(strstr(server.text.data, lines[i]));
	assert_null(strstr(server.text.data, "multipart/mixed"));
	assert_non_null(strstr(server.commands.data, "MAIL FROM:<shop@example.org>"));
	assert_non_null(strstr(server.commands.data, "RCPT TO:<ann@example.org>\r\n"));
	pthread_mutex_unlock(&server.lock);
}

static void
the_connection_is_reused(void **state)
{
	auto_smtp struct smtp *smtp = NULL;
	struct mail mail = good_mail();

	(void)state;
	server_say((struct script){0});
	assert_err(ERR_OK, smtp_new(server.url, &smtp));
	for (int i = 0; i < 3; i++)
		assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_SENT);
	pthread_mutex_lock(&server.lock);
	assert_int_equal(server.connections, 1);
	assert_int_equal(server.mails, 3);
	pthread_mutex_unlock(&server.lock);
}

static void
a_client_goes_on_after_a_refusal(void **state)
{
	auto_smtp struct smtp *smtp = NULL;
	struct mail mail = good_mail();

	(void)state;
	server_say((struct script){.rcpt = "550 5.1.1 nobody"});
	assert_err(ERR_OK, smtp_new(server.url, &smtp));
	assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_REFUSED);
	server_say((struct script){0});
	assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_SENT);
}

static void
a_client_goes_on_after_a_silence(void **state)
{
	auto_smtp struct smtp *smtp = NULL;
	struct mail mail = good_mail();

	(void)state;
	server_say((struct script){.end = HANG});
	assert_err(ERR_OK, smtp_new(server.url, &smtp));
	assert_int_equal(send_by(smtp, &mail, 100), SMTP_TRY_LATER);
	server_say((struct script){0});
	assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_SENT);
}

static void
what_is_5xx_to_the_mail_is_refused(void **state)
{
	(void)state;
	assert_int_equal(
	    send_under((struct script){.mail = "550 5.7.1 not you"}, LONG_MS), SMTP_REFUSED);
	assert_string_equal(detail, "550 5.7.1 not you");
	assert_int_equal(
	    send_under((struct script){.rcpt = "550 5.1.1 nobody"}, LONG_MS), SMTP_REFUSED);
	assert_string_equal(detail, "550 5.1.1 nobody");
	assert_int_equal(
	    send_under((struct script){.data = "554 5.5.1 no"}, LONG_MS), SMTP_REFUSED);
	assert_int_equal(
	    send_under((struct script){.end = "554 5.7.1 spam"}, LONG_MS), SMTP_REFUSED);
	assert_string_equal(detail, "554 5.7.1 spam");
}

static void
what_is_4xx_is_tried_later(void **state)
{
	(void)state;
	assert_int_equal(
	    send_under((struct script){.greeting = "421 4.3.2 closing"}, LONG_MS), SMTP_TRY_LATER);
	assert_int_equal(
	    send_under((struct script){.mail = "451 4.3.0 trouble"}, LONG_MS), SMTP_TRY_LATER);
	assert_int_equal(
	    send_under((struct script){.rcpt = "450 4.2.0 greylisted"}, LONG_MS), SMTP_TRY_LATER);
	assert_string_equal(detail, "450 4.2.0 greylisted");
	assert_int_equal(
	    send_under((struct script){.end = "452 4.2.2 full"}, LONG_MS), SMTP_TRY_LATER);
}

/* A server that refuses us, by mistake or for a while, must not cost anybody their mail. */
static void
what_refuses_us_is_tried_later(void **state)
{
	(void)state;
	assert_int_equal(
	    send_under((struct script){.greeting = "554 no service"}, LONG_MS), SMTP_TRY_LATER);
	assert_int_equal(
	    send_under((struct script){.mail = "530 5.7.0 log in"}, LONG_MS), SMTP_TRY_LATER);
	assert_string_equal(detail, "530 5.7.0 log in");
}

static void
no_answer_is_tried_later(void **state)
{
	(void)state;
	assert_int_equal(send_under((struct script){.greeting = CLOSE}, LONG_MS), SMTP_TRY_LATER);
	assert_int_equal(send_under((struct script){.rcpt = CLOSE}, LONG_MS), SMTP_TRY_LATER);
	assert_int_equal(send_under((struct script){.end = CLOSE}, LONG_MS), SMTP_TRY_LATER);
	assert_int_equal(send_under((struct script){.greeting = HANG}, 100), SMTP_TRY_LATER);
	assert_int_equal(send_under((struct script){.end = HANG}, 100), SMTP_TRY_LATER);
	assert_int_equal(send_under((struct script){0}, 0), SMTP_TRY_LATER);
	assert_int_equal(send_under((struct script){0}, -5), SMTP_TRY_LATER);
}

static void
nobody_there_is_tried_later(void **state)
{
	auto_smtp struct smtp *smtp = NULL;
	struct mail mail = good_mail();

	(void)state;
	assert_err(ERR_OK, smtp_new("smtp://127.0.0.1:1", &smtp));
	assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_TRY_LATER);
	assert_non_null(strstr(detail, "connect"));
}

static void
no_header_is_injected(void **state)
{
	struct mail mails[6];
	auto_smtp struct smtp *smtp = NULL;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		mails[i] = good_mail();
	mails[0].subject = "x\r\nBcc: eve@example.org";
	mails[1].to_name = "x\nBcc: eve@example.org";
	mails[2].to_address = "ann@example.org>\r\nRCPT TO:<eve@example.org";
	mails[3].from_address = "shop@example.org\r\nRCPT TO:<eve@example.org>";
	mails[4].headers[1][1] = "e\r\nBcc: eve@example.org";
	mails[5].message_id = "<a@b>\r\nBcc: eve@example.org";
	server_say((struct script){0});
	assert_err(ERR_OK, smtp_new(server.url, &smtp));
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(send_by(smtp, &mails[i], LONG_MS), SMTP_REFUSED);
	pthread_mutex_lock(&server.lock);
	assert_int_equal(server.connections, 0);
	pthread_mutex_unlock(&server.lock);
}

static void
the_login_of_the_address_is_used(void **state)
{
	auto_smtp struct smtp *smtp = NULL;
	struct mail mail = good_mail();
	char url[128];

	(void)state;
	(void)snprintf(url, sizeof(url), "smtp://shop:p%%40ss@%s?tls=optional", server.authority);
	server_say((struct script){.ehlo = "250-test\r\n250 AUTH PLAIN"});
	assert_err(ERR_OK, smtp_new(url, &smtp));
	assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_SENT);
	pthread_mutex_lock(&server.lock);
	/* base64 of NUL shop NUL p@ss */
	assert_non_null(strstr(server.commands.data, "AHNob3AAcEBzcw=="));
	pthread_mutex_unlock(&server.lock);
}

static void
a_wrong_login_is_tried_later(void **state)
{
	auto_smtp struct smtp *smtp = NULL;
	struct mail mail = good_mail();
	char url[128];

	(void)state;
	(void)snprintf(url, sizeof(url), "smtp://shop:secret@%s?tls=optional", server.authority);
	server_say(
	    (struct script){.ehlo = "250-test\r\n250 AUTH PLAIN", .auth = "535 5.7.8 wrong"});
	assert_err(ERR_OK, smtp_new(url, &smtp));
	assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_TRY_LATER);
	assert_string_equal(detail, "535 5.7.8 wrong");
}

/* A password requires it, too. */
static void
required_tls_is_not_done_without(void **state)
{
	static const char *const forms[][2] = {{"", "/?tls=required"}, {"shop:secret@", ""}};
	struct mail mail = good_mail();
	char url[128];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		auto_smtp struct smtp *smtp = NULL;
		bool logged_in;
		int64_t mails;

		(void)snprintf(
		    url, sizeof(url), "smtp://%s%s%s", forms[i][0], server.authority, forms[i][1]);
		server_say((struct script){.ehlo = "250-test\r\n250 AUTH PLAIN"});
		assert_err(ERR_OK, smtp_new(url, &smtp));
		assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_TRY_LATER);
		pthread_mutex_lock(&server.lock);
		mails = server.mails;
		logged_in = strstr(server.commands.data, "AUTH") != NULL;
		pthread_mutex_unlock(&server.lock);
		assert_int_equal(mails, 0);
		assert_false(logged_in);
	}
}

static void
an_address_outside_ascii_needs_smtputf8(void **state)
{
	auto_smtp struct smtp *smtp = NULL;
	struct mail mail = good_mail();

	(void)state;
	mail.to_address = "jörg@example.org";
	server_say((struct script){0});
	assert_err(ERR_OK, smtp_new(server.url, &smtp));
	assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_SENT);
	pthread_mutex_lock(&server.lock);
	assert_non_null(strstr(server.commands.data, "SMTPUTF8\r\n"));
	assert_non_null(strstr(server.commands.data, "RCPT TO:<jörg@example.org>\r\n"));
	pthread_mutex_unlock(&server.lock);
}

static void
without_smtputf8_such_an_address_is_refused(void **state)
{
	static const char *const extensions[] = {"250 test", "250-test\r\n250-SIZE 7\r\n250 HELP"};
	auto_smtp struct smtp *smtp = NULL;
	struct mail mail = good_mail();

	(void)state;
	mail.to_address = "jörg@example.org";
	for (size_t i = 0; i < 2; i++) {
		smtp_free(&smtp);
		server_say((struct script){.ehlo = extensions[i]});
		assert_err(ERR_OK, smtp_new(server.url, &smtp));
		assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_REFUSED);
		assert_string_equal(
		    detail, "the address needs SMTPUTF8, which the mail server does not offer");
		assert_false(was_said(&server.commands, "RCPT"));
	}
	/* It is about this address alone, on a connection that is used again, too. */
	mail.to_address = "ann@example.org";
	assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_SENT);
	mail.to_address = "jörg@example.org";
	assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_REFUSED);
	server_say((struct script){0});
	smtp_free(&smtp);
	assert_err(ERR_OK, smtp_new(server.url, &smtp));
	assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_SENT);
	assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_SENT);
}

static void
a_domain_outside_ascii_needs_nothing(void **state)
{
	auto_smtp struct smtp *smtp = NULL;
	struct mail mail = good_mail();

	(void)state;
	mail.to_address = "ann@bücher.example";
	server_say((struct script){.ehlo = "250 test"});
	assert_err(ERR_OK, smtp_new(server.url, &smtp));
	assert_int_equal(send_by(smtp, &mail, LONG_MS), SMTP_SENT);
	assert_true(was_said(&server.commands, "RCPT TO:<ann@xn--bcher-kva.example>\r\n"));
	assert_true(was_said(&server.text, "To: Ann <ann@xn--bcher-kva.example>\r\n"));
}

static void
addresses_of_servers_are_checked(void **state)
{
	static const char *const bad[] = {"", "127.0.0.1", "http://127.0.0.1", "smtp://",
	    "smtp://host?tls=maybe", "smtp://host?x", "smtp://us er@host", "file:///etc/passwd",
	    "smtp://host:99999", "smtp://host?tls=required&",
	    "smtp://host?tls=required&tls=optional",
	    "smtp://host?cacertfile=", "smtp://host?tls=required&cacertfile=/x&tls=no"};
	struct smtp *smtp = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_err(ERR_CONFIG, smtp_new(bad[i], &smtp));
	assert_null(smtp);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_mail_arrives_whole),
	    cmocka_unit_test(the_connection_is_reused),
	    cmocka_unit_test(a_client_goes_on_after_a_refusal),
	    cmocka_unit_test(a_client_goes_on_after_a_silence),
	    cmocka_unit_test(what_is_5xx_to_the_mail_is_refused),
	    cmocka_unit_test(what_is_4xx_is_tried_later),
	    cmocka_unit_test(what_refuses_us_is_tried_later),
	    cmocka_unit_test(no_answer_is_tried_later),
	    cmocka_unit_test(nobody_there_is_tried_later),
	    cmocka_unit_test(no_header_is_injected),
	    cmocka_unit_test(the_login_of_the_address_is_used),
	    cmocka_unit_test(a_wrong_login_is_tried_later),
	    cmocka_unit_test(required_tls_is_not_done_without),
	    cmocka_unit_test(an_address_outside_ascii_needs_smtputf8),
	    cmocka_unit_test(without_smtputf8_such_an_address_is_refused),
	    cmocka_unit_test(a_domain_outside_ascii_needs_nothing),
	    cmocka_unit_test(addresses_of_servers_are_checked),
	};

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, smtp_server_start, smtp_server_stop);
}
