/*
 * base/macros: what is written in many places and needs the preprocessor.
 */
#ifndef SHARED_BASE_MACROS_H
#define SHARED_BASE_MACROS_H

/* Elements of an array; not of a pointer to its first one. */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What a macro stands for, as a string literal. */
#define TEXT_OF(macro)  TEXT_OF_(macro)
#define TEXT_OF_(words) #words

#endif
