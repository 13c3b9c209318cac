/*
 * bench/measure: one kind of work done by N threads for a time, and how long each piece took.
 *
 * Every program of the benchmark prints one line: pieces a second, and the 50th and the 99th
 * percentile of a piece's time in microseconds.  All in this header, as each of the programs is one
 * source file.
 */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MEASURE_THREADS_MAX 64
#define MEASURE_PIECES_MAX  (1u << 20) /* a thread; it ends earlier than the time when full */

struct measure {
	double seconds;
	/* Makes and ends what one thread owns; NULL when it can't be made. */
	void *(*begin)(unsigned thread);
	void (*end)(void *own);
	/* Piece AT of this thread's work; false ends the program as failed. */
	bool (*work)(void *own, uint64_t at);
};

struct measure_thread {
	const struct measure *measure;
	pthread_barrier_t *start;
	unsigned number;
	uint32_t *micros; /* MEASURE_PIECES_MAX */
	size_t count;
	double seconds; /* until its last piece was done: no piece is counted by half */
	bool ok;
};

static inline double
measure_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline void *
measure_thread_main(void *argument)
{
	struct measure_thread *thread = argument;
	const struct measure *measure = thread->measure;
	void *own = measure->begin(thread->number);
	double start, before, after;

	thread->ok = own != NULL;
	pthread_barrier_wait(thread->start);
	start = before = after = measure_now();
	while (
	    thread->ok && after - start < measure->seconds && thread->count < MEASURE_PIECES_MAX) {
		thread->ok = measure->work(own, thread->count);
		after = measure_now();
		thread->micros[thread->count++] = (uint32_t)((after - before) * 1e6);
		before = after;
	}
	thread->seconds = after - start;
	if (own != NULL)
		measure->end(own);
	return NULL;
}

static inline int
measure_compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* Prints the line.  Returns the program's exit status. */
static inline int
measure_report(const struct measure_thread *threads, unsigned count)
{
	uint32_t *all;
	size_t total = 0;
	double rate = 0;

	for (unsigned i = 0; i < count; i++) {
		if (!threads[i].ok || threads[i].count == 0)
			return EXIT_FAILURE;
		total += threads[i].count;
		rate += (double)threads[i].count / threads[i].seconds;
	}
	all = calloc(total, sizeof *all);
	if (all == NULL)
		return EXIT_FAILURE;
	total = 0;
	for (unsigned i = 0; i < count; i++) {
		for (size_t j = 0; j < threads[i].count; j++)
			all[total++] = threads[i].micros[j];
	}
	qsort(all, total, sizeof *all, measure_compare);
	printf("%.2f %u %u\n", rate, all[total / 2], all[total - 1 - total / 100]);
	free(all);
	return EXIT_SUCCESS;
}

static inline int
measure_run(const struct measure *measure, unsigned count)
{
	struct measure_thread threads[MEASURE_THREADS_MAX];
	pthread_t ids[MEASURE_THREADS_MAX];
	pthread_barrier_t start;
	int status;

	if (count == 0 || count > MEASURE_THREADS_MAX)
		return EXIT_FAILURE;
	pthread_barrier_init(&start, NULL, count);
	for (unsigned i = 0; i < count; i++) {
		threads[i] =
		    (struct measure_thread){.measure = measure, .start = &start, .number = i};
		threads[i].micros = calloc(MEASURE_PIECES_MAX, sizeof *threads[i].micros);
		if (threads[i].micros == NULL ||
		    pthread_create(&ids[i], NULL, measure_thread_main, &threads[i]) != 0)
			return EXIT_FAILURE;
	}
	for (unsigned i = 0; i < count; i++)
		pthread_join(ids[i], NULL);
	status = measure_report(threads, count);
	for (unsigned i = 0; i < count; i++)
		free(threads[i].micros);
	pthread_barrier_destroy(&start);
	return status;
}

#endif
