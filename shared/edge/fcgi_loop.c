#include "shared/edge/fcgi_loop.h"

#include <errno.h>
#include <fcgiapp.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/base/thread.h"
#include "shared/edge/exchange.h"

#define BACK_OFF_MS 50

struct fcgi_loop {
	const struct service *service;
	int listen_fd;
	pthread_mutex_t mutex;
	pthread_cond_t changed; /* any of the members below, which the mutex guards */
	bool stopping;
	size_t starting; /* threads that have not told how their start ended */
	size_t running;  /* threads that have not ended */
	enum err start_error;
	size_t thread_count;
	pthread_t threads[];
};

static void
lock(struct fcgi_loop *loop)
{
	check(pthread_mutex_lock(&loop->mutex) == 0);
}

static void
unlock(struct fcgi_loop *loop)
{
	check(pthread_mutex_unlock(&loop->mutex) == 0);
}

static bool
is_stopping(struct fcgi_loop *loop)
{
	bool stopping;

	lock(loop);
	stopping = loop->stopping;
	unlock(loop);
	return stopping;
}

/* Waits a moment, but not when the loop is stopping. */
static void
back_off(struct fcgi_loop *loop)
{
	struct timespec until = thread_time_in(BACK_OFF_MS);

	lock(loop);
	while (!loop->stopping &&
	    pthread_cond_timedwait(&loop->changed, &loop->mutex, &until) != ETIMEDOUT)
		continue;
	unlock(loop);
}

static size_t
read_body(void *context, char *out, size_t len)
{
	FCGX_Request *request = context;
	int got = len <= INT_MAX ? FCGX_GetStr(out, (int)len, request->in) : 0;

	return got > 0 ? (size_t)got : 0;
}

/* False when nobody takes it any more. */
static bool
put(FCGX_Request *request, struct span bytes)
{
	if (bytes.len == 0)
		return true;
	return bytes.len <= INT_MAX &&
	    FCGX_PutStr(bytes.data, (int)bytes.len, request->out) == (int)bytes.len;
}

/* An answer that ends early is shorter than its Content-Length, which lighttpd sees. */
static bool
put_feed(FCGX_Request *request, const struct body_feed *feed)
{
	size_t left = feed != NULL ? feed->length : 0;

	while (left > 0) {
		struct span piece;
		enum err err = feed->next(feed->context, &piece);

		if (err != ERR_OK) {
			log_warn("an answer was cut off", LOG_ERR(err));
			return true;
		}
		check(piece.len > 0 && piece.len <= left);
		if (!put(request, piece))
			return false;
		left -= piece.len;
	}
	return true;
}

static void
answer(const struct fcgi_loop *loop, struct exchange_room *room, FCGX_Request *request)
{
	const struct body_source source = {.read = read_body, .context = request};
	struct exchange x;

	exchange_run(&x, loop->service, room, request->envp, &source);
	if (!put(request, x.head) || !put(request, x.body) || !put_feed(request, x.feed))
		log_debug("the client is gone", LOG_TEXT("request_id", x.rq.request_id));
	FCGX_Finish_r(request);
	exchange_end(&x);
}

static void
serve(struct fcgi_loop *loop, struct exchange_room *room)
{
	FCGX_Request request;
	bool told = false;

	if (FCGX_InitRequest(&request, loop->listen_fd, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		return;
	/* Once nobody listens, accept still gives what was connected before, then an error. */
	for (;;) {
		int result = FCGX_Accept_r(&request);

		if (result == 0) {
			told = false;
			answer(loop, room, &request);
			continue;
		}
		if (is_stopping(loop))
			break;
		if (!told)
			log_warn("accept failed", LOG_INT("errno", -result));
		told = true;
		back_off(loop); /* out of descriptors, as a rule: others must end first */
	}
	FCGX_Free(&request, 1);
}

static void
report_start(struct fcgi_loop *loop, enum err err)
{
	lock(loop);
	loop->starting--;
	if (loop->start_error == ERR_OK)
		loop->start_error = err;
	check(pthread_cond_broadcast(&loop->changed) == 0);
	unlock(loop);
}

static void
report_end(struct fcgi_loop *loop)
{
	lock(loop);
	loop->running--;
	check(pthread_cond_broadcast(&loop->changed) == 0);
	unlock(loop);
}

static void
worker_free(const struct service *service, struct worker **worker)
{
	if (*worker == NULL)
		return;
	service->worker_fini(*worker);
	free(*worker);
	*worker = NULL;
}

static enum err
worker_new(const struct service *service, struct worker **out)
{
	struct worker *worker = calloc(1, service->worker_bytes);
	enum err err;

	TRY_ALLOC(worker);
	err = service->worker_init(service->app, worker);
	if (err == ERR_OK)
		*out = worker;
	else
		worker_free(service, &worker);
	return err;
}

static void *
work(void *context)
{
	struct fcgi_loop *loop = context;
	const struct service *service = loop->service;
	struct exchange_room room;
	enum err err = exchange_room_init(&room, service);

	if (err == ERR_OK && service->worker_bytes > 0)
		err = worker_new(service, &room.worker);
	report_start(loop, err);
	if (err == ERR_OK)
		serve(loop, &room);
	worker_free(service, &room.worker);
	exchange_room_fini(&room);
	report_end(loop);
	return NULL;
}

static enum err
loop_new(const struct service *service, int listen_fd, struct fcgi_loop **out)
{
	size_t count = (size_t)service->settings->workers;
	struct fcgi_loop *loop = calloc(1, sizeof(*loop) + count * sizeof(loop->threads[0]));

	TRY_ALLOC(loop);
	loop->service = service;
	loop->listen_fd = listen_fd;
	check(pthread_mutex_init(&loop->mutex, NULL) == 0);
	thread_condition_init(&loop->changed);
	*out = loop;
	return ERR_OK;
}

static void
loop_free(struct fcgi_loop *loop)
{
	(void)pthread_cond_destroy(&loop->changed);
	(void)pthread_mutex_destroy(&loop->mutex);
	free(loop);
}

static enum err
start_thread(struct fcgi_loop *loop)
{
	enum err err;

	lock(loop);
	err = thread_start(&loop->threads[loop->thread_count], work, loop);
	if (err == ERR_OK) {
		loop->thread_count++;
		loop->starting++;
		loop->running++;
	}
	unlock(loop);
	return err;
}

/* The first error of any worker's start. */
static enum err
wait_for_start(struct fcgi_loop *loop)
{
	enum err err;

	lock(loop);
	while (loop->starting > 0)
		check(pthread_cond_wait(&loop->changed, &loop->mutex) == 0);
	err = loop->start_error;
	unlock(loop);
	return err;
}

enum err
fcgi_loop_start(const struct service *service, int listen_fd, struct fcgi_loop **out)
{
	enum err err = ERR_OK;
	enum err started;

	*out = NULL;
	if (FCGX_Init() != 0)
		return ERR_INTERNAL;
	/* libfcgi has set handlers of its own; a peer that is gone must be an error, no signal. */
	check(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	TRY(loop_new(service, listen_fd, out));
	for (int64_t i = 0; i < service->settings->workers && err == ERR_OK; i++)
		err = start_thread(*out);
	started = wait_for_start(*out);
	if (err == ERR_OK)
		err = started;
	if (err != ERR_OK)
		log_error("the workers can't start", LOG_ERR(err));
	return err;
}

enum err
fcgi_loop_stop(struct fcgi_loop **owner, int64_t timeout_ms)
{
	struct fcgi_loop *loop = *owner;
	struct timespec until = thread_time_in(timeout_ms);
	int waited = 0;
	size_t running;

	*owner = NULL;
	lock(loop);
	loop->stopping = true;
	check(pthread_cond_broadcast(&loop->changed) == 0);
	(void)shutdown(loop->listen_fd, SHUT_RDWR); /* every accept returns */
	while (loop->running > 0 && waited == 0)
		waited = pthread_cond_timedwait(&loop->changed, &loop->mutex, &until);
	running = loop->running;
	unlock(loop);
	if (running > 0) {
		log_error("requests did not end in time", LOG_INT("workers", (int64_t)running));
		for (size_t i = 0; i < loop->thread_count; i++)
			(void)pthread_detach(loop->threads[i]);
		return ERR_UNAVAILABLE;
	}
	for (size_t i = 0; i < loop->thread_count; i++)
		check(pthread_join(loop->threads[i], NULL) == 0);
	loop_free(loop);
	return ERR_OK;
}
