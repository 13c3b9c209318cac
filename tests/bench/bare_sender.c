/*
 * bench/bare_sender: mails and posts by plain loops over open connections, one a thread.
 *
 *   bare_sender smtp|post PORT THREADS SECONDS
 *
 * Standard input is what is sent: a mail with its headers, or a body.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/measure.h"

#define CONTENT_MAX (1u << 16)
#define REQUEST_MAX (CONTENT_MAX + 1024)

static uint16_t port;
static size_t content_len;
static char content[CONTENT_MAX];
static size_t request_len;
static char request[REQUEST_MAX];

struct own {
	int fd;
	char answer[4096];
};

static bool
say(struct own *own, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(own->fd, data, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		data += sent;
		len -= (size_t)sent;
	}
	return true;
}

/* Until what was read ends with LAST. */
static bool
hear(struct own *own, const char *last)
{
	size_t len = 0, last_len = strlen(last);

	while (len + 1 < sizeof own->answer) {
		ssize_t got = recv(own->fd, own->answer + len, sizeof own->answer - len - 1, 0);

		if (got <= 0)
			return false;
		len += (size_t)got;
		own->answer[len] = '\0';
		if (len >= last_len && memcmp(own->answer + len - last_len, last, last_len) == 0)
			return true;
	}
	return false;
}

static void
end(void *argument)
{
	struct own *own = argument;

	close(own->fd);
	free(own);
}

static void *
begin(unsigned thread)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct own *own = calloc(1, sizeof *own);
	int one = 1;

	(void)thread;
	if (own == NULL)
		return NULL;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	own->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(own->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
	    setsockopt(own->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0) {
		end(own);
		return NULL;
	}
	return own;
}

/* --- SMTP ------------------------------------------------------------------------------------ */

static bool
command(struct own *own, const char *line, const char *code)
{
	return (line == NULL || say(own, line, strlen(line))) && hear(own, "\r\n") &&
	    strncmp(own->answer, code, 3) == 0;
}

static void *
begin_smtp(unsigned thread)
{
	struct own *own = begin(thread);

	if (own == NULL)
		return NULL;
	/* HELO has an answer of one line. */
	if (command(own, NULL, "220") && command(own, "HELO localhost\r\n", "250"))
		return own;
	end(own);
	return NULL;
}

static bool
send_mail(void *argument, uint64_t at)
{
	struct own *own = argument;

	(void)at;
	return command(own, "MAIL FROM:<shop@localhost>\r\n", "250") &&
	    command(own, "RCPT TO:<bench@example.org>\r\n", "250") &&
	    command(own, "DATA\r\n", "354") && say(own, content, content_len) &&
	    command(own, "\r\n.\r\n", "250");
}

/* --- HTTP ------------------------------------------------------------------------------------ */

static bool
post(void *argument, uint64_t at)
{
	struct own *own = argument;

	(void)at;
	return say(own, request, request_len) && hear(own, "\r\n\r\n") &&
	    strncmp(own->answer, "HTTP/1.1 204", 12) == 0;
}

static void
make_request(void)
{
	int len = snprintf(request, sizeof request,
	    "POST /bench HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    port, content_len);

	memcpy(request + len, content, content_len);
	request_len = (size_t)len + content_len;
}

int
main(int argc, char **argv)
{
	struct measure measure = {.begin = begin, .end = end, .work = post};

	if (argc != 5 || (strcmp(argv[1], "smtp") != 0 && strcmp(argv[1], "post") != 0)) {
		fprintf(stderr, "usage: bare_sender smtp|post PORT THREADS SECONDS <CONTENT\n");
		return 64;
	}
	port = (uint16_t)strtoul(argv[2], NULL, 10);
	measure.seconds = strtod(argv[4], NULL);
	content_len = fread(content, 1, sizeof content, stdin);
	make_request();
	if (strcmp(argv[1], "smtp") == 0) {
		measure.begin = begin_smtp;
		measure.work = send_mail;
	}
	return measure_run(&measure, (unsigned)strtoul(argv[3], NULL, 10));
}
