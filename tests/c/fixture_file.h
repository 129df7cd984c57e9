/* Reads tests/fixtures/pte/NAME.json: {"method", "tolerance", "inputs" or "outputs":
 * [{"sizes", "scalarType", "data" (base64, little-endian)}]} and, for further runs of the
 * loaded model, "then": [{"inputs", "outputs"}]. Just enough JSON for files that we write ourselves. */
#ifndef EW_TESTS_FIXTURE_FILE_H
#define EW_TESTS_FIXTURE_FILE_H

#include <stdlib.h>
#include <string.h>

#include "ew.h"

enum { FIXTURE_TENSORS = 64 };

typedef struct fixture_tensor {
  bool is_output;
  uint32_t rank;
  size_t dims[EW_MAX_RANK];
  char type[16];
  uint8_t *data;
  size_t size;
} fixture_tensor;

typedef struct fixture_file {
  double tolerance;
  char method[64];
  uint32_t count; /* tensors of all runs: the inputs of a run, then its outputs */
  fixture_tensor tensors[FIXTURE_TENSORS];
} fixture_file;

static inline int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static inline void fixture_data(fixture_tensor *tensor, const char *text) {
  tensor->data = malloc(strlen(text) + 1);
  uint32_t bits = 0;
  int count = 0;
  for (; base64_digit(*text) >= 0; text++) {
    bits = bits << 6 | (uint32_t)base64_digit(*text);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    tensor->data[tensor->size++] = (uint8_t)(bits >> count);
  }
}

/* Copies the string behind the colon that follows at. */
static inline void fixture_string(const char *at, char *out, size_t size) {
  const char *start = strchr(strchr(at, ':'), '"') + 1;
  size_t n = 0;
  while (start[n] != '"' && n + 1 < size) n++;
  memcpy(out, start, n);
  out[n] = '\0';
}

static inline void fixture_parse(const char *json, fixture_file *out) {
  memset(out, 0, sizeof *out);
  const char *at = strstr(json, "\"tolerance\"");
  if (at != NULL) out->tolerance = strtod(strchr(at, ':') + 1, NULL);
  at = strstr(json, "\"method\"");
  if (at != NULL) fixture_string(at, out->method, sizeof out->method);
  bool is_output = false;
  for (at = json; *at != '\0' && out->count < FIXTURE_TENSORS; at++) {
    if (strncmp(at, "\"inputs\"", 8) == 0) is_output = false;
    if (strncmp(at, "\"outputs\"", 9) == 0) is_output = true;
    fixture_tensor *tensor = &out->tensors[out->count];
    if (strncmp(at, "\"sizes\"", 7) == 0) {
      tensor->is_output = is_output;
      const char *item = strchr(at, '[') + 1;
      while (tensor->rank < EW_MAX_RANK) {
        char *end = NULL;
        const unsigned long long value = strtoull(item, &end, 10);
        if (end == item) break;
        tensor->dims[tensor->rank++] = (size_t)value;
        item = end + (*end == ',' ? 1 : 0);
      }
    } else if (strncmp(at, "\"scalarType\"", 12) == 0) {
      fixture_string(at, tensor->type, sizeof tensor->type);
    } else if (strncmp(at, "\"data\"", 6) == 0) {
      fixture_data(tensor, strchr(strchr(at, ':'), '"') + 1);
      out->count++;
    }
  }
}

static inline void fixture_free(fixture_file *file) {
  for (uint32_t i = 0; i < file->count; i++) free(file->tensors[i].data);
}

#endif
