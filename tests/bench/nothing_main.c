/*
 * bench/nothing: a FastCGI program that does nothing but answer: what lighttpd, libfcgi and this
 * host can do at most.  It has as many threads (WORKERS) as the real ones, reads the request's
 * body, and answers with as many bytes as an item has.
 */
#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define WORKERS_MAX 64

static const char answer[] = "Status: 200\r\n"
			     "Content-Type: application/json\r\n"
			     "Content-Length: 400\r\n"
			     "ETag: \"1\"\r\n"
			     "X-Request-Id: 0190e2d0-5555-7666-8777-888899990000\r\n"
			     "Cache-Control: public, max-age=0, must-revalidate\r\n"
			     "X-Content-Type-Options: nosniff\r\n"
			     "\r\n";

static void *
serve(void *argument)
{
	FCGX_Request request;
	char bytes[4096];

	(void)argument;
	if (FCGX_InitRequest(&request, 0, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		return NULL;
	while (FCGX_Accept_r(&request) >= 0) {
		while (FCGX_GetStr(bytes, sizeof bytes, request.in) > 0)
			continue;
		FCGX_PutStr(answer, sizeof answer - 1, request.out);
		for (int i = 0; i < 400; i++)
			bytes[i] = 'x';
		FCGX_PutStr(bytes, 400, request.out);
		FCGX_Finish_r(&request);
	}
	return NULL;
}

int
main(void)
{
	const char *text = getenv("WORKERS");
	unsigned long workers = text != NULL ? strtoul(text, NULL, 10) : 0;
	pthread_t threads[WORKERS_MAX];

	if (workers < 1 || workers > WORKERS_MAX || FCGX_Init() != 0)
		return EXIT_FAILURE;
	/* libfcgi's own handler would end one thread of them. */
	(void)signal(SIGTERM, SIG_DFL);
	for (unsigned long i = 0; i < workers; i++) {
		if (pthread_create(&threads[i], NULL, serve, NULL) != 0)
			return EXIT_FAILURE;
	}
	for (unsigned long i = 0; i < workers; i++)
		pthread_join(threads[i], NULL);
	return EXIT_SUCCESS;
}
