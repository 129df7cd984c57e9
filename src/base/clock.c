/* POSIX's clocks, which C11 alone does not have. */
#define _POSIX_C_SOURCE 199309L
#include "base/clock.h"

#include <time.h>

/* Not the wall clock: that is JavaScript's Date.now() in WebAssembly, whole milliseconds, and may be set back. */
uint64_t ew_now_microseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}
