/*
 * base/crash: named points at which a test build dies at once, as if killed by SIGKILL.
 *
 * Layer: base.  In a build with -DFAULT_POINTS, CRASH_AT("purchase.reserved") ends the process by
 * SIGKILL, after one line in the log, when the environment's CRASH_AT names that point; with
 * CRASH_AT="purchase.reserved:3" on the third passage, counted over all threads.  CRASH_AT may name
 * several, with commas: whichever comes first; their passages are counted together.  In any other
 * build it is nothing, so that the point costs nothing in production.
 */
#ifndef SHARED_BASE_CRASH_H
#define SHARED_BASE_CRASH_H

#ifdef FAULT_POINTS
void crash_point(const char *name);
#define CRASH_AT(name) crash_point(name)
#else
#define CRASH_AT(name) ((void)0)
#endif

#endif
