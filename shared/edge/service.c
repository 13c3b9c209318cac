#include "shared/edge/service.h"

#include <unistd.h>

#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/edge/fcgi_loop.h"
#include "shared/edge/fcgi_socket.h"
#include "shared/edge/service_metrics.h"

#define ARENA_BYTES_DEFAULT    ((size_t)4 << 20)
#define RESPONSE_BYTES_DEFAULT ((size_t)4 << 20)
#define RATE_KEYS_MAX          32768

#define FIELD(member) offsetof(struct service_settings, member)

const struct config_row service_settings_rows[] = {
    {
	.name = "WORKERS",
	.type = CONFIG_INT,
	.offset = FIELD(workers),
	.min = 1,
	.max = 256,
	.fallback = "8",
	.unit = "threads",
	.text = "Requests that are worked on at the same time.",
    },
    {
	.name = "REQUEST_TIMEOUT",
	.type = CONFIG_INT,
	.offset = FIELD(request_timeout_ms),
	.min = 100,
	.max = 60000,
	.fallback = "10000",
	.unit = "ms",
	.text = "Deadline of one request, stores included.",
    },
    {
	.name = "FCGI_SOCKET",
	.type = CONFIG_TEXT,
	.offset = FIELD(fcgi_socket),
	.max = 107,
	.fallback = "",
	.text = "Unix socket to listen on when standard input is no listening socket.",
    },
    {
	.name = "CORS_ALLOWED_ORIGINS",
	.type = CONFIG_TEXT,
	.offset = FIELD(cors_origins),
	.max = 4096,
	.fallback = "",
	.text = "Origins whose pages may call the API, separated by commas, or * for all.",
    },
    {
	.name = "TRUSTED_PROXIES",
	.type = CONFIG_NETWORKS,
	.offset = FIELD(trusted_proxies),
	.fallback = "",
	.text = "Networks of the proxies whose X-Forwarded-For, or else Forwarded, is believed.",
    },
    {
	.name = "RATE_LIMIT_EXEMPT",
	.type = CONFIG_NETWORKS,
	.offset = FIELD(exempt_networks),
	.fallback = "",
	.text = "Networks free of the limits by address.",
    },
    {
	.name = "RATE_LIMIT_ACCOUNT",
	.type = CONFIG_INT,
	.offset = FIELD(limit_account),
	.max = 1000000,
	.fallback = "600",
	.unit = "requests a minute",
	.text = "Limit of one account; 0 for none.",
    },
    {
	.name = "RATE_LIMIT_ADDRESS",
	.type = CONFIG_INT,
	.offset = FIELD(limit_address),
	.max = 1000000,
	.fallback = "1200",
	.unit = "requests a minute",
	.text = "Limit of one address (IPv6: one /64); 0 for none.",
    },
    {.name = NULL},
};

/* A route that names a limit which the program does not have is found at start, not when asked. */
static void
check_limits(const struct service *service)
{
	for (const struct route *route = service->routes; route->pattern != NULL; route++) {
		const struct rate_policy *policy = service->policies;

		if (route->rate_limit == NULL)
			continue;
		while (policy->name != NULL && !str_equal(policy->name, route->rate_limit))
			policy++;
		check(policy->name != NULL);
	}
}

/* Serves until the signal. */
static enum err
run(const struct service *service)
{
	struct fcgi_loop *loop;
	enum err err;
	int listen_fd;

	TRY(fcgi_socket_open(service->settings->fcgi_socket, &listen_fd));
	err = fcgi_loop_start(service, listen_fd, &loop);
	if (err == ERR_OK) {
		log_info("serving", LOG_INT("workers", service->settings->workers),
		    LOG_TEXT("version", PROGRAM_VERSION));
		program_await_signal();
	}
	if (loop != NULL) {
		enum err stopped =
		    fcgi_loop_stop(&loop, service->settings->program.shutdown_timeout_s * 1000);

		/* Nothing may be freed under the threads that still run. */
		if (stopped != ERR_OK)
			_exit(program_exit_status(stopped));
	}
	if (listen_fd != STDIN_FILENO)
		(void)close(listen_fd);
	return err;
}

static enum err
start_and_run(struct service *service)
{
	TRY(metrics_new(&service->metrics));
	TRY(ratelimit_new(RATE_KEYS_MAX, &service->ratelimit));
	service_metrics_start(service);
	if (service->start != NULL)
		TRY(service->start(service->app, service));
	return run(service);
}

int
service_main(struct service *service)
{
	enum err err;

	check_limits(service);
	if (service->arena_bytes == 0)
		service->arena_bytes = ARENA_BYTES_DEFAULT;
	if (service->response_bytes == 0)
		service->response_bytes = RESPONSE_BYTES_DEFAULT;
	err = start_and_run(service);
	if (service->stop != NULL)
		service->stop(service->app);
	metrics_free(&service->metrics);
	ratelimit_free(&service->ratelimit);
	if (err != ERR_OK)
		log_error("the service ends", LOG_ERR(err));
	return program_exit_status(err);
}
