/*
 * tests/unit/infra/smtp_server: a mail server that answers as it is told, in a thread of the test.
 */
#ifndef TESTS_UNIT_INFRA_SMTP_SERVER_H
#define TESTS_UNIT_INFRA_SMTP_SERVER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "shared/base/buf.h"
#include "shared/base/check.h"
#include "shared/base/str.h"

#define CLOSE "close" /* instead of a reply */
#define HANG  "hang"  /* says nothing until the client goes */

struct script { /* replies; NULL: the usual good one */
	const char *greeting, *ehlo, *starttls, *auth, *mail, *rcpt, *data, *end;
};

static struct {
	int listener;
	char authority[32]; /* "127.0.0.1:port" */
	char url[48];
	pthread_t thread;
	pthread_mutex_t lock;
	struct script script;
	int connections;
	int mails;
	struct buf text;     /* of the last mail, dots as they came */
	struct buf commands; /* all of the last connection */
} server;

/* False: the connection is over. */
static bool
reply(FILE *peer, const char *told, const char *usual)
{
	const char *line = told != NULL ? told : usual;

	if (str_equal(line, CLOSE))
		return false;
	if (!str_equal(line, HANG)) {
		(void)fprintf(peer, "%s\r\n", line);
		(void)fflush(peer);
	}
	return true;
}

static bool
begins(const char *line, const char *word)
{
	return strncasecmp(line, word, strlen(word)) == 0;
}

static bool
take_text(FILE *peer, const struct script *script)
{
	char line[2048];

	pthread_mutex_lock(&server.lock);
	buf_reset(&server.text);
	pthread_mutex_unlock(&server.lock);
	while (fgets(line, sizeof(line), peer) != NULL && !str_equal(line, ".\r\n")) {
		pthread_mutex_lock(&server.lock);
		buf_puts(&server.text, line);
		pthread_mutex_unlock(&server.lock);
	}
	pthread_mutex_lock(&server.lock);
	server.mails++;
	pthread_mutex_unlock(&server.lock);
	return reply(peer, script->end, "250 2.0.0 queued as 7");
}

static bool
answer(FILE *peer, const char *line, const struct script *script)
{
	if (begins(line, "EHLO"))
		return reply(peer, script->ehlo, "250-test\r\n250 SMTPUTF8");
	if (begins(line, "STARTTLS"))
		return reply(peer, script->starttls, "454 4.7.0 no TLS today");
	if (begins(line, "AUTH"))
		return reply(peer, script->auth, "235 2.7.0 welcome");
	if (begins(line, "MAIL"))
		return reply(peer, script->mail, "250 2.1.0 ok");
	if (begins(line, "RCPT"))
		return reply(peer, script->rcpt, "250 2.1.5 ok");
	if (begins(line, "QUIT"))
		return reply(peer, NULL, "221 2.0.0 bye") && false;
	if (!begins(line, "DATA"))
		return reply(peer, NULL, "250 2.0.0 ok");
	if (!reply(peer, script->data, "354 go on"))
		return false;
	return script->data != NULL || take_text(peer, script);
}

static void
serve_connection(int fd)
{
	FILE *peer = fdopen(fd, "r+");
	struct script script;
	char line[2048];
	bool more;

	check(peer != NULL);
	setvbuf(peer, NULL, _IONBF, 0);
	pthread_mutex_lock(&server.lock);
	script = server.script;
	server.connections++;
	buf_reset(&server.commands);
	pthread_mutex_unlock(&server.lock);
	more = reply(peer, script.greeting, "220 test ESMTP");
	while (more && fgets(line, sizeof(line), peer) != NULL) {
		pthread_mutex_lock(&server.lock);
		buf_puts(&server.commands, line);
		pthread_mutex_unlock(&server.lock);
		more = answer(peer, line, &script);
	}
	(void)fclose(peer);
}

static void *
serve(void *unused)
{
	int fd;

	(void)unused;
	while ((fd = accept(server.listener, NULL, NULL)) >= 0)
		serve_connection(fd);
	return NULL;
}

static void
server_say(struct script script)
{
	pthread_mutex_lock(&server.lock);
	server.script = script;
	server.connections = 0;
	server.mails = 0;
	pthread_mutex_unlock(&server.lock);
}

static int
smtp_server_start(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	(void)state;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server.listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(server.listener, 16) != 0 ||
	    getsockname(server.listener, (struct sockaddr *)&address, &len) != 0)
		return -1;
	(void)snprintf(server.authority, sizeof(server.authority), "127.0.0.1:%d",
	    (int)ntohs(address.sin_port));
	(void)snprintf(server.url, sizeof(server.url), "smtp://%s", server.authority);
	pthread_mutex_init(&server.lock, NULL);
	buf_init(&server.text, 64 * 1024);
	buf_init(&server.commands, 64 * 1024);
	return pthread_create(&server.thread, NULL, serve, NULL);
}

static int
smtp_server_stop(void **state)
{
	(void)state;
	(void)shutdown(server.listener, SHUT_RDWR);
	(void)pthread_join(server.thread, NULL);
	(void)close(server.listener);
	buf_fini(&server.text);
	buf_fini(&server.commands);
	return 0;
}

#endif
