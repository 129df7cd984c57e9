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

/* Names come from files: what would steer a terminal, or begin a line of its own, becomes '?'. C1 controls are two
 * bytes in UTF-8. */
static void disarm(char *text) {
  for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++) {
    if (*c < ' ' || *c == 0x7f) *c = '?';
    if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) c[0] = c[1] = '?';
  }
}

ew_status ew_fail(ew_error *err, ew_status code, const char *format, ...) {
  if (err != NULL) {
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    disarm(err->message);
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
    const size_t used = n < 0 ? 0 : (size_t)n;
    if (used + 3 < sizeof err->message) {
      /* What does not fit is cut off the end of the inner message. */
      memcpy(err->message + used, ": ", 2);
      const size_t room = sizeof err->message - used - 3;
      const size_t length = strlen(inner) < room ? strlen(inner) : room;
      memcpy(err->message + used + 2, inner, length);
      err->message[used + 2 + length] = '\0';
    }
    disarm(err->message);
    err->code = code;
  }
  return code;
}
