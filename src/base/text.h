/* A growing text buffer: dumps, and the JSON that JavaScript reads. */
#ifndef EW_BASE_TEXT_H
#define EW_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* data is NUL-terminated (NULL while nothing was added); free with ew_text_free. */
typedef struct ew_text {
  char *data;
  size_t size, capacity;
  bool failed; /* out of memory: the text is incomplete */
} ew_text;

/* printf-style. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void ew_text_add(ew_text *text, const char *format, ...);
/* Adds "…" with JSON escapes. */
void ew_text_add_json_string(ew_text *text, const char *string);
void ew_text_free(ew_text *text);

#endif
