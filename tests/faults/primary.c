/*
 * primary STATE SERVER PORT PORT: a replica set whose primary changes.
 *
 * Two members, at those ports of 127.0.0.1, have the same data: MongoDB, or what speaks its
 * protocol, at port SERVER.  The file STATE says which of them is primary, 0 or 1; with anything
 * else in it there is none, as during an election.  Who is not primary says so when asked, and
 * refuses everything else as a member that has stepped down does; connections stay, as MongoDB
 * keeps them.
 */
#include <mongoc/mongoc.h>

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/base/check.h"
#include "shared/base/str.h"

#define MESSAGE_MAX ((uint32_t)48 << 20)
#define HEAD_BYTES  16
#define OP_REPLY    1
#define OP_QUERY    2004
#define OP_MSG      2013

static const char *state_path;
static uint16_t server_port;
static uint16_t ports[2];

struct link {
	int member;
	int client, server;
};

struct message {
	uint8_t *bytes; /* malloc */
	uint32_t len;
};

/* The member that is primary; -1: none is. */
static int
primary_now(void)
{
	FILE *file = fopen(state_path, "r");
	int state = EOF;

	if (file == NULL)
		return -1;
	state = getc(file);
	(void)fclose(file);
	return state == '0' ? 0 : state == '1' ? 1 : -1;
}

static uint32_t
get_u32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return BSON_UINT32_FROM_LE(value);
}

static void
put_u32(uint8_t *bytes, uint32_t value)
{
	value = BSON_UINT32_TO_LE(value);
	memcpy(bytes, &value, sizeof(value));
}

static bool
read_all(int fd, uint8_t *out, size_t len)
{
	return len == 0 || recv(fd, out, len, MSG_WAITALL) == (ssize_t)len;
}

static bool
message_read(int fd, struct message *out)
{
	uint8_t head[HEAD_BYTES];

	free(out->bytes);
	out->bytes = NULL;
	if (!read_all(fd, head, sizeof(head)))
		return false;
	out->len = get_u32(head);
	if (out->len < sizeof(head) || out->len > MESSAGE_MAX)
		return false;
	out->bytes = malloc(out->len);
	check(out->bytes != NULL);
	memcpy(out->bytes, head, sizeof(head));
	return read_all(fd, out->bytes + sizeof(head), out->len - sizeof(head));
}

static bool
message_write(int fd, const struct message *message)
{
	for (size_t done = 0; done < message->len;) {
		ssize_t sent = send(fd, message->bytes + done, message->len - done, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		done += (size_t)sent;
	}
	return true;
}

/* Where its one document, or its first, begins; 0: it has none that we know. */
static size_t
document_at(const struct message *message)
{
	const uint8_t *end;

	switch (get_u32(message->bytes + 12)) {
	case OP_MSG: /* flags, and the section's kind */
		return HEAD_BYTES + 4 + 1;
	case OP_REPLY: /* flags, cursor, first, count */
		return HEAD_BYTES + 4 + 8 + 4 + 4;
	case OP_QUERY: /* flags, collection, skip, count */
		if (message->len <= HEAD_BYTES + 4)
			return 0;
		end = memchr(message->bytes + HEAD_BYTES + 4, 0, message->len - HEAD_BYTES - 4);
		return end == NULL ? 0 : (size_t)(end - message->bytes) + 1 + 4 + 4;
	default:
		return 0;
	}
}

static bool
message_document(const struct message *message, bson_t *out)
{
	const size_t at = document_at(message);

	return at != 0 && at + 4 < message->len &&
	    get_u32(message->bytes + at) <= message->len - at &&
	    bson_init_static(out, message->bytes + at, get_u32(message->bytes + at));
}

/* The answer to ASKED that says DOCUMENT, in the form in which it was asked. */
static void
message_answer(const struct message *asked, const bson_t *document, struct message *out)
{
	const bool is_msg = get_u32(asked->bytes + 12) == OP_MSG;
	const uint32_t at = is_msg ? HEAD_BYTES + 5 : HEAD_BYTES + 20;

	free(out->bytes);
	out->len = at + document->len;
	out->bytes = calloc(1, out->len);
	check(out->bytes != NULL);
	put_u32(out->bytes, out->len);
	memcpy(out->bytes + 8, asked->bytes + 4, 4);
	put_u32(out->bytes + 12, is_msg ? OP_MSG : OP_REPLY);
	if (!is_msg)
		put_u32(out->bytes + 32, 1);
	memcpy(out->bytes + at, bson_get_data(document), document->len);
}

static bool
is_hello(const bson_t *command)
{
	bson_iter_t iter;

	return bson_iter_init(&iter, command) && bson_iter_next(&iter) &&
	    (str_equal(bson_iter_key(&iter), "hello") ||
		str_equal_nocase(bson_iter_key(&iter), "ismaster"));
}

/* The server's own answer, but of a member of the set.  Without sessions the driver does not try
 * again by itself: what the shop does about it is what is tried here. */
static void
describe(int member, const bson_t *server, bson_t *out)
{
	const int primary = primary_now();
	char name[2][32];

	for (int i = 0; i < 2; i++)
		(void)snprintf(name[i], sizeof(name[i]), "127.0.0.1:%u", ports[i]);
	bson_copy_to_excluding_noinit(server, out, "ismaster", "isWritablePrimary", "secondary",
	    "setName", "setVersion", "electionId", "hosts", "primary", "me", "topologyVersion",
	    "logicalSessionTimeoutMinutes", "lastWrite", NULL);
	BCON_APPEND(out, "ismaster", BCON_BOOL(primary == member), "isWritablePrimary",
	    BCON_BOOL(primary == member), "secondary", BCON_BOOL(primary != member), "setName",
	    "shop", "setVersion", BCON_INT32(1), "me", BCON_UTF8(name[member]), "hosts", "[",
	    BCON_UTF8(name[0]), BCON_UTF8(name[1]), "]");
	if (primary >= 0)
		BCON_APPEND(out, "primary", BCON_UTF8(name[primary]));
}

static bool
pass_hello(const struct link *link, const struct message *asked, struct message *answer)
{
	bson_t changed = BSON_INITIALIZER;
	bson_t server;

	if (!message_write(link->server, asked) || !message_read(link->server, answer) ||
	    !message_document(answer, &server))
		return false;
	describe(link->member, &server, &changed);
	message_answer(asked, &changed, answer);
	bson_destroy(&changed);
	return message_write(link->client, answer);
}

static bool
refuse(const struct link *link, const struct message *asked, struct message *answer)
{
	bson_t *document = BCON_NEW("ok", BCON_DOUBLE(0), "errmsg", "not primary", "code",
	    BCON_INT32(10107), "codeName", "NotWritablePrimary");

	message_answer(asked, document, answer);
	bson_destroy(document);
	return message_write(link->client, answer);
}

static bool
pass(const struct link *link, const struct message *asked, struct message *answer)
{
	bson_t command;

	if (message_document(asked, &command) && is_hello(&command))
		return pass_hello(link, asked, answer);
	if (primary_now() != link->member)
		return refuse(link, asked, answer);
	return message_write(link->server, asked) && message_read(link->server, answer) &&
	    message_write(link->client, answer);
}

static void
connect_server(struct link *link)
{
	const struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons(server_port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	link->server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(link->server >= 0);
	if (connect(link->server, (const struct sockaddr *)&address, sizeof(address)) != 0)
		(void)shutdown(link->client, SHUT_RDWR);
}

static void *
serve(void *context)
{
	struct link *link = context;
	struct message asked = {.bytes = NULL};
	struct message answer = {.bytes = NULL};

	connect_server(link);
	while (message_read(link->client, &asked) && pass(link, &asked, &answer))
		continue;
	free(asked.bytes);
	free(answer.bytes);
	(void)close(link->client);
	(void)close(link->server);
	free(link);
	return NULL;
}

static int
listen_at(uint16_t port)
{
	const struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int yes = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	check(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	check(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	check(listen(fd, 64) == 0);
	return fd;
}

static void *
accept_all(void *context)
{
	const int member = *(const int *)context;
	const int fd = listen_at(ports[member]);

	for (;;) {
		struct link *link = calloc(1, sizeof(*link));
		pthread_t thread;

		check(link != NULL);
		link->member = member;
		link->client = accept(fd, NULL, NULL);
		check(link->client >= 0);
		check(pthread_create(&thread, NULL, serve, link) == 0);
		check(pthread_detach(thread) == 0);
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	static int members[] = {0, 1};
	pthread_t thread;

	if (argc != 5) {
		(void)fprintf(stderr, "usage: primary STATE SERVER PORT PORT\n");
		return 64;
	}
	state_path = argv[1];
	server_port = (uint16_t)strtoul(argv[2], NULL, 10);
	ports[0] = (uint16_t)strtoul(argv[3], NULL, 10);
	ports[1] = (uint16_t)strtoul(argv[4], NULL, 10);
	check(pthread_create(&thread, NULL, accept_all, &members[1]) == 0);
	(void)accept_all(&members[0]);
	return 0;
}
