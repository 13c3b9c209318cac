/*
 * base/check: assertions about our own invariants.  They stay on in release builds: a broken
 * invariant must end the process before it sells something twice.  Never for a peer's bytes.
 */
#ifndef SHARED_BASE_CHECK_H
#define SHARED_BASE_CHECK_H

/* Writes one line to standard error and aborts. */
_Noreturn void check_failed(const char *what, const char *file, int line);

#define check(condition) ((condition) ? (void)0 : check_failed(#condition, __FILE__, __LINE__))

#endif
