/*
 * notifier/job_store: contacts, jobs and attempts in PostgreSQL.
 *
 * Store: all SQL of the notifier's jobs; nothing here knows of threads, mail or the broker, so that
 * another program may link it.  A struct pg belongs to the calling thread.  The server's clock
 * decides what is due.  Errors are pg_run's.
 */
#ifndef NOTIFIER_JOB_STORE_H
#define NOTIFIER_JOB_STORE_H

#include "notifier/plan.h"
#include "shared/base/arena.h"
#include "shared/base/clock.h"
#include "shared/infra/pg.h"

/*
 * Keeps a plan: its contact and its jobs, those that are new.  To be called inside a transaction.
 * *ADDED counts the jobs that were not there.  What waited for the contact becomes due; what was to
 * be sent to one that is deleted fails, and what it would have said is wiped.
 */
MUST_USE enum err job_store_add(
    struct pg *pg, const struct deadline *deadline, const struct plan *plan, int64_t *added);

struct job { /* leased: strings live in the arena */
	struct id id;
	struct id event_id;
	const char *event_type;
	const char *channel, *template;
	struct id recipient;
	const char *data;
	const char *traceparent; /* or NULL */
	int64_t attempt;         /* this one's number, from 1; also what proves the lease */
	int64_t created_at_ms;
	int64_t age_ms; /* by the server's clock */
	bool has_contact;
	struct contact contact;
};

/* Takes the mail that has been due longest, for LEASE_MS.  ERR_NOT_FOUND: none is due. */
MUST_USE enum err job_store_lease(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, int64_t lease_ms, struct job *out);

enum attempt_result { ATTEMPT_SENT, ATTEMPT_TRY_LATER, ATTEMPT_REFUSED };

/* "sent", "try_later", "refused": as kept, and as metric labels. */
extern const char *const attempt_result_names[];

struct attempt {
	enum attempt_result result;
	const char *detail; /* the other side's last words, no secrets */
	int64_t duration_ms;
};

/*
 * Records an attempt and ends the lease: sent and refused finish the job; ATTEMPT_TRY_LATER makes
 * it due again after PAUSE_MS.  The data of what was sent, or is for an account that was deleted,
 * are wiped; those of what was refused stay, as somebody may have it sent again.  ERR_CONFLICT: the
 * lease was over and somebody else has taken the job; nothing is written.
 */
MUST_USE enum err job_store_record(struct pg *pg, const struct deadline *deadline,
    const struct job *job, const struct attempt *attempt, int64_t pause_ms);
/* Ends the lease of a job whose recipient is unknown: due again after PAUSE_MS, or at once when the
 * contact is learnt.  No attempt is recorded.  ERR_CONFLICT as above. */
MUST_USE enum err job_store_await_contact(
    struct pg *pg, const struct deadline *deadline, const struct job *job, int64_t pause_ms);

struct job_counts {
	int64_t queued, failed;
	int64_t due;           /* of the queued: those that wait for a worker only */
	int64_t oldest_due_ms; /* how long the first of them has waited */
};

MUST_USE enum err job_store_count(
    struct pg *pg, const struct deadline *deadline, struct job_counts *out);
MUST_USE enum err job_store_ping(struct pg *pg, const struct deadline *deadline);

#endif
