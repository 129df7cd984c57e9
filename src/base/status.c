/* Status names and the one place that formats error messages. */
#include "base/status.h"

#include <stdio.h>
#include <string.h>

const char *ew_status_name(ew_status status) {
  switch (status) {
#define EW_STATUS(id, number, js_name, sentence) \
  case id:                                       \
    return #js_name;
#include "base/status.def"
#undef EW_STATUS
  }
  return "UnknownError";
}

const char *ew_status_sentence(ew_status status) {
  switch (status) {
#define EW_STATUS(id, number, js_name, sentence) \
  case id:                                       \
    return sentence;
#include "base/status.def"
#undef EW_STATUS
  }
  return "an unknown error occurred";
}

ew_status ew_fail(ew_error *err, ew_status code, const char *format, ...) {
  if (err != NULL) {
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    err->code = code;
  }
  return code;
}

ew_status ew_fail_context(ew_error *err, ew_status code, const char *format, ...) {
  if (err != NULL) {
    char inner[EW_ERROR_MESSAGE_SIZE];
    memcpy(inner, err->message, sizeof inner);
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof err->message - 3) {
      snprintf(err->message + n, sizeof err->message - (size_t)n, ": %s", inner);
    }
    err->code = code;
  }
  return code;
}
