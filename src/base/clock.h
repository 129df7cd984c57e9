/* Elapsed time, for profiles. */
#ifndef EW_BASE_CLOCK_H
#define EW_BASE_CLOCK_H

#include <stdint.h>

/* Microseconds since an epoch that is the same for the whole process; differences are what counts. */
uint64_t ew_now_microseconds(void);

#endif
