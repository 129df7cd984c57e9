/* Files and lists of files in tests. */
#ifndef EW_TESTS_FILES_H
#define EW_TESTS_FILES_H

#include <stdarg.h>
#include <stdlib.h>

#include "ew.h"
#include "test.h"

typedef struct file_bytes {
  uint8_t *data;
  size_t size;
} file_bytes;

/* A whole file, in memory of exactly its size, so that the sanitizer sees every byte read behind it. Empty, without memory, when it
 * cannot be read; the caller frees data. */
__attribute__((format(printf, 1, 2))) static inline file_bytes read_file(const char *format, ...) {
  char path[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(path, sizeof path, format, args);
  va_end(args);
  file_bytes file = {NULL, 0};
  FILE *in = fopen(path, "rb");
  if (in == NULL) return file;
  fseek(in, 0, SEEK_END);
  file.size = (size_t)ftell(in);
  rewind(in);
  file.data = malloc(file.size > 0 ? file.size : 1);
  if (fread(file.data, 1, file.size, in) != file.size) file.size = 0;
  fclose(in);
  return file;
}

/* Calls check with the three fields of each line of a list, which tabs separate; the number of lines. */
static inline int each_line(const char *path,
                            void (*check)(const char *, const char *, const char *)) {
  char line[512];
  int count = 0;
  FILE *in = fopen(path, "r");
  CHECK(in != NULL);
  if (in == NULL) return 0;
  while (fgets(line, sizeof line, in) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    char *second = strchr(line, '\t'), *third = second == NULL ? NULL : strchr(second + 1, '\t');
    CHECK(third != NULL);
    if (third == NULL) continue;
    *second++ = *third++ = '\0';
    check(line, second, third);
    count++;
  }
  fclose(in);
  return count;
}

/* "A|B" holds both names. */
static inline bool is_one_of(const char *names, const char *name) {
  const size_t length = strlen(name);
  for (const char *at = names; (at = strstr(at, name)) != NULL; at += length) {
    const bool starts = at == names || at[-1] == '|';
    if (starts && (at[length] == '\0' || at[length] == '|')) return true;
  }
  return false;
}

/* A file ended with one of these codes and with this in its message. */
static inline void check_ending(const char *name, ew_status status, const ew_error *err,
                                const char *codes, const char *message) {
  const bool as_expected =
      is_one_of(codes, ew_status_name(status)) && strstr(err->message, message) != NULL;
  if (!as_expected) {
    printf("  %s: %s '%s', expected %s '%s'\n", name, ew_status_name(status), err->message, codes,
           message);
  }
  CHECK(as_expected);
}

#endif
