/*
 * items/words: texts as a search sees them: without case, accents and punctuation.
 *
 * Layer: domain, pure.  Folding is Unicode's: compatibility decomposition, marks stripped, case
 * folded (utf8proc).  A word is a run of letters and digits of the folded text.
 */
#ifndef FCGI_ITEMS_WORDS_H
#define FCGI_ITEMS_WORDS_H

#include <stddef.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"

#define WORD_MAX_BYTES      64 /* a longer word is cut, on both sides of a comparison */
#define WORDS_KEY_MAX_BYTES 256

struct words { /* sorted, each once */
	const char **list;
	size_t count;
};

/* The words of COUNT texts together (NULLs are skipped).  ERR_MEMORY. */
MUST_USE enum err words_of(
    struct arena *arena, const char *const *texts, size_t count, struct words *out);
/* The words of a search but for the last one, which may be only begun: that is *BEGINNING, NULL
 * when there is no word at all.  ERR_MEMORY. */
MUST_USE enum err words_of_search(
    struct arena *arena, const char *text, struct words *out, const char **beginning);
/* What TEXT sorts by: folded, cut to WORDS_KEY_MAX_BYTES at a character. */
MUST_USE enum err words_sort_key(struct arena *arena, const char *text, const char **out);

#endif
