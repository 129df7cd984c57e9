/* Status codes and error details.
 *
 * Every fallible function returns ew_status and takes an ew_error that it fills with what went
 * wrong, where, and what to do. The library never logs, aborts or throws. */
#ifndef EW_BASE_STATUS_H
#define EW_BASE_STATUS_H

#include <stdarg.h>

typedef enum ew_status {
#define EW_STATUS(id, number, js_name, sentence) id = number,
#include "base/status.def"
#undef EW_STATUS
} ew_status;

enum { EW_ERROR_MESSAGE_SIZE = 1024 };

/* Filled by the first failing function; message is a NUL-terminated sentence ("" when ok). */
typedef struct ew_error {
  ew_status code;
  char message[EW_ERROR_MESSAGE_SIZE];
} ew_error;

/* "InvalidProgram" etc.; "UnknownError" for a number that is not in status.def. */
const char *ew_status_name(ew_status status);
/* The general sentence of status.def. */
const char *ew_status_sentence(ew_status status);

/* Sets code and message (printf-style; %s %d %u %zu %lld %llu %g) and returns code. err may be NULL.
 * Called once per failure: callers up the stack forward the status unchanged. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
ew_status
ew_fail(ew_error *err, ew_status code, const char *format, ...);

/* Puts "context: " in front of the message of a failure that came from below; returns code. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
ew_status
ew_fail_context(ew_error *err, ew_status code, const char *format, ...);

/* Returns from the calling function when expr is not EW_OK. */
#define EW_TRY(expr)                                    \
  do {                                                  \
    const ew_status ew_try_status_ = (expr);            \
    if (ew_try_status_ != EW_OK) return ew_try_status_; \
  } while (0)

/* Returns a detailed failure from the calling function when cond does not hold. */
#define EW_CHECK(cond, err, code, ...)                       \
  do {                                                       \
    if (!(cond)) return ew_fail((err), (code), __VA_ARGS__); \
  } while (0)

#endif
