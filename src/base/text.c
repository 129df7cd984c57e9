/* A growing text buffer. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

static bool reserve(ew_text *text, size_t more) {
  if (text->failed) return false;
  if (text->capacity - text->size > more) return true;
  size_t capacity = text->capacity * 2 + more + 1024;
  char *bigger = ew_alloc(capacity);
  if (bigger == NULL) {
    text->failed = true;
    return false;
  }
  if (text->size > 0) memcpy(bigger, text->data, text->size);
  bigger[text->size] = '\0';
  ew_free(text->data);
  text->data = bigger;
  text->capacity = capacity;
  return true;
}

void ew_text_add(ew_text *text, const char *format, ...) {
  va_list args, copy;
  va_start(args, format);
  va_copy(copy, args);
  const int n = vsnprintf(NULL, 0, format, args);
  if (n >= 0 && reserve(text, (size_t)n + 1)) {
    vsnprintf(text->data + text->size, (size_t)n + 1, format, copy);
    text->size += (size_t)n;
  }
  va_end(copy);
  va_end(args);
}

void ew_text_add_json_string(ew_text *text, const char *string) {
  ew_text_add(text, "\"");
  for (const unsigned char *c = (const unsigned char *)string; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\') {
      ew_text_add(text, "\\%c", *c);
    } else if (*c < 0x20) {
      ew_text_add(text, "\\u%04x", *c);
    } else {
      ew_text_add(text, "%c", *c);
    }
  }
  ew_text_add(text, "\"");
}

void ew_text_free(ew_text *text) {
  ew_free(text->data);
  memset(text, 0, sizeof *text);
}
