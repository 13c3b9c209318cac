/*
 * bench/bare_receiver: takes every POST and answers 204.  Prints its port; SIGTERM ends it.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static enum MHD_Result
take(void *context, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **request)
{
	static const char seen;
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)context;
	(void)url;
	(void)method;
	(void)version;
	(void)upload;
	if (*request == NULL) { /* the headers alone so far */
		*request = (void *)(uintptr_t)&seen;
		return MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	result = MHD_queue_response(connection, MHD_HTTP_NO_CONTENT, response);
	MHD_destroy_response(response);
	return result;
}

int
main(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct MHD_Daemon *daemon;
	sigset_t awaited;
	int number;

	sigemptyset(&awaited);
	sigaddset(&awaited, SIGTERM);
	(void)pthread_sigmask(SIG_BLOCK, &awaited, NULL);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, take, NULL,
	    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_LISTEN_BACKLOG_SIZE,
	    1024u, MHD_OPTION_END);
	if (daemon == NULL)
		return EXIT_FAILURE;
	printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	(void)fflush(stdout);
	(void)sigwait(&awaited, &number);
	MHD_stop_daemon(daemon);
	return EXIT_SUCCESS;
}
