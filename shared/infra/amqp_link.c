#include "shared/infra/amqp_link.h"

#include <string.h>
#include <sys/time.h>

#include "shared/base/id.h"
#include "shared/base/log.h"
#include "shared/base/macros.h"
#include "shared/infra/amqp_frame.h"

#define CONNECT_MAX_MS   5000
#define CALL_MAX_MS      10000
#define PAUSE_MIN_MS     100
#define PAUSE_MAX_MS     10000
#define FRAME_MAX_BYTES  131072
#define SYSTEM_CA_BUNDLE "/etc/ssl/certs/ca-certificates.crt"

struct timeval
amqp_timeval(int64_t ms)
{
	return (struct timeval){
	    .tv_sec = (time_t)(ms / 1000),
	    .tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};
}

void
amqp_link_worked(struct amqp *amqp)
{
	amqp->failures = 0;
}

/* Doubles from failure to failure; the jitter keeps a fleet from coming back in one wave. */
static void
pause_begin(struct amqp *amqp)
{
	int64_t base = PAUSE_MAX_MS;
	uint32_t dice;

	if (amqp->failures < 7)
		base = PAUSE_MIN_MS << amqp->failures;
	if (base > PAUSE_MAX_MS)
		base = PAUSE_MAX_MS;
	amqp->failures++;
	random_bytes(&dice, sizeof(dice));
	base = base / 2 + (int64_t)(dice % (uint32_t)(base / 2 + 1));
	amqp->pause_until_ms = clock_monotonic_ms(amqp->clock) + base;
}

void
amqp_link_forget(struct amqp *amqp)
{
	if (amqp->state != NULL)
		(void)amqp_destroy_connection(amqp->state);
	amqp->state = NULL;
	amqp->blocked = false;
	amqp->confirming = false;
	amqp->consuming = false;
	amqp->published = 0;
	amqp->content.kind = AMQP_NEWS_NONE;
}

enum err
amqp_link_drop(struct amqp *amqp, const char *why)
{
	log_warn("broker connection lost", LOG_TEXT("connection", amqp->name),
	    LOG_TEXT("reason", why), LOG_INT("failures", (int64_t)amqp->failures));
	amqp_link_forget(amqp);
	pause_begin(amqp);
	return ERR_UNAVAILABLE;
}

/* A close of channel or connection by the broker, as one line. */
static void
close_reason(const amqp_method_t *method, uint16_t *code, struct buf *text)
{
	amqp_bytes_t words = amqp_empty_bytes;

	*code = 0;
	if (method->id == AMQP_CHANNEL_CLOSE_METHOD) {
		const amqp_channel_close_t *close = method->decoded;

		*code = close->reply_code;
		words = close->reply_text;
	} else if (method->id == AMQP_CONNECTION_CLOSE_METHOD) {
		const amqp_connection_close_t *close = method->decoded;

		*code = close->reply_code;
		words = close->reply_text;
	}
	buf_printf(text, "%u %.*s", (unsigned)*code, (int)words.len, (const char *)words.bytes);
}

enum err
amqp_link_closed(struct amqp *amqp, const amqp_method_t *method)
{
	auto_buf struct buf text;
	uint16_t code;

	buf_init(&text, 512);
	close_reason(method, &code, &text);
	if (method->id == AMQP_CONNECTION_CLOSE_METHOD) {
		amqp_connection_close_ok_t ok = {0};

		(void)amqp_send_method(amqp->state, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &ok);
	}
	return amqp_link_drop(amqp, text.data);
}

/* What a finished remote call means; drops the connection unless it succeeded. */
static enum err
judge_reply(struct amqp *amqp, const amqp_rpc_reply_t *reply, const char *what)
{
	auto_buf struct buf text;
	uint16_t code;

	buf_init(&text, 512);
	switch (reply->reply_type) {
	case AMQP_RESPONSE_NORMAL:
		return ERR_OK;
	case AMQP_RESPONSE_SERVER_EXCEPTION:
		close_reason(&reply->reply, &code, &text);
		if (code == AMQP_ACCESS_REFUSED || code == AMQP_PRECONDITION_FAILED) {
			log_error("broker refused: it has that with other arguments, or forbids it",
			    LOG_TEXT("connection", amqp->name), LOG_TEXT("what", what),
			    LOG_TEXT("answer", text.data));
			(void)amqp_link_drop(amqp, "refused");
			return ERR_CONFIG;
		}
		return amqp_link_drop(amqp, text.data);
	case AMQP_RESPONSE_LIBRARY_EXCEPTION:
		return amqp_link_drop(amqp, amqp_error_string2(reply->library_error));
	case AMQP_RESPONSE_NONE:
	default:
		return amqp_link_drop(amqp, "no answer");
	}
}

enum err
amqp_link_call_begin(struct amqp *amqp, const struct deadline *deadline)
{
	struct amqp_news ignored;
	struct timeval limit;
	int64_t ms;

	TRY(amqp_link_open(amqp, deadline));
	/* The broker does not read a blocked connection: a call would run into its time-out. */
	while (amqp->blocked && deadline_left_ms(deadline) > 0)
		TRY(amqp_link_read(amqp, deadline_left_ms(deadline), &ignored));
	if (amqp->blocked)
		return ERR_UNAVAILABLE;
	ms = deadline_left_ms(deadline);
	if (ms == 0)
		return ERR_DEADLINE;
	limit = amqp_timeval(ms < CALL_MAX_MS ? ms : CALL_MAX_MS);
	return amqp_set_rpc_timeout(amqp->state, &limit) == AMQP_STATUS_OK ? ERR_OK : ERR_MEMORY;
}

enum err
amqp_link_call_end(struct amqp *amqp, const char *what)
{
	amqp_rpc_reply_t reply = amqp_get_rpc_reply(amqp->state);

	return judge_reply(amqp, &reply, what);
}

static amqp_socket_t *
socket_plain_or_tls(amqp_connection_state_t state, const struct amqp_host *host)
{
	amqp_socket_t *socket;
	const char *authorities = host->cacertfile != NULL ? host->cacertfile : SYSTEM_CA_BUNDLE;

	if (!host->info.ssl)
		return amqp_tcp_socket_new(state);
	socket = amqp_ssl_socket_new(state);
	if (socket == NULL)
		return NULL;
	amqp_ssl_socket_set_verify_peer(socket, host->verify);
	amqp_ssl_socket_set_verify_hostname(socket, host->verify);
	/* The socket belongs to STATE, which frees it. */
	if (amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST) !=
		AMQP_STATUS_OK ||
	    (host->verify && amqp_ssl_socket_set_cacert(socket, authorities) != AMQP_STATUS_OK))
		return NULL;
	if (host->certfile != NULL &&
	    amqp_ssl_socket_set_key(socket, host->certfile, host->keyfile) != AMQP_STATUS_OK)
		return NULL;
	return socket;
}

static amqp_table_entry_t
able_to(const char *what)
{
	return (amqp_table_entry_t){
	    .key = amqp_cstring_bytes(what),
	    .value = {.kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1},
	};
}

static enum err
login(struct amqp *amqp, const struct amqp_host *host)
{
	amqp_table_entry_t abilities[] = {
	    able_to("authentication_failure_close"),
	    able_to("basic.nack"),
	    able_to("connection.blocked"),
	    able_to("consumer_cancel_notify"),
	    able_to("publisher_confirms"),
	};
	amqp_table_entry_t properties[2] = {
	    {.key = amqp_cstring_bytes("capabilities"),
		.value = {.kind = AMQP_FIELD_KIND_TABLE,
		    .value.table = {COUNT_OF(abilities), abilities}}},
	    {.key = amqp_cstring_bytes("connection_name"),
		.value = {.kind = AMQP_FIELD_KIND_UTF8,
		    .value.bytes = amqp_cstring_bytes(amqp->name)}},
	};
	amqp_table_t table = {2, properties};
	amqp_rpc_reply_t reply = amqp_login_with_properties(amqp->state, host->info.vhost, 1,
	    FRAME_MAX_BYTES, host->heartbeat_s, &table, AMQP_SASL_METHOD_PLAIN, host->info.user,
	    host->info.password);

	TRY(judge_reply(amqp, &reply, "login"));
	(void)amqp_channel_open(amqp->state, AMQP_CHANNEL);
	return amqp_link_call_end(amqp, "channel");
}

/* Tries one host; AMQP->state is set as long as it may still be used. */
static enum err
connect_host(struct amqp *amqp, const struct amqp_host *host, const struct deadline *deadline)
{
	int64_t ms = deadline_left_ms(deadline);
	struct timeval limit = amqp_timeval(ms < CONNECT_MAX_MS ? ms : CONNECT_MAX_MS);
	amqp_socket_t *socket;
	int status;

	if (ms == 0)
		return ERR_DEADLINE;
	amqp->state = amqp_new_connection();
	TRY_ALLOC(amqp->state);
	socket = socket_plain_or_tls(amqp->state, host);
	if (socket == NULL) {
		log_error("broker: the TLS files can't be read", LOG_TEXT("host", host->info.host));
		return ERR_CONFIG;
	}
	if (amqp_set_handshake_timeout(amqp->state, &limit) != AMQP_STATUS_OK ||
	    amqp_set_rpc_timeout(amqp->state, &limit) != AMQP_STATUS_OK)
		return ERR_MEMORY;
	status = amqp_socket_open_noblock(socket, host->info.host, host->info.port, &limit);
	if (status != AMQP_STATUS_OK) {
		log_warn("broker can't be reached", LOG_TEXT("connection", amqp->name),
		    LOG_TEXT("host", host->info.host), LOG_INT("port", host->info.port),
		    LOG_TEXT("reason", amqp_error_string2(status)));
		return ERR_UNAVAILABLE;
	}
	return login(amqp, host);
}

enum err
amqp_link_open(struct amqp *amqp, const struct deadline *deadline)
{
	if (amqp->state != NULL)
		return ERR_OK;
	if (clock_monotonic_ms(amqp->clock) < amqp->pause_until_ms)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < amqp->host_count; i++) {
		size_t at = (amqp->host_at + i) % amqp->host_count;
		const struct amqp_host *host = &amqp->hosts[at];

		if (connect_host(amqp, host, deadline) == ERR_OK) {
			amqp->host_at = at;
			amqp->generation++;
			log_info("broker connected", LOG_TEXT("connection", amqp->name),
			    LOG_TEXT("host", host->info.host), LOG_INT("port", host->info.port));
			return ERR_OK;
		}
		amqp_link_forget(amqp);
	}
	pause_begin(amqp);
	return ERR_UNAVAILABLE;
}
