/* The oracle: an executor of plain loops, obviously right and slow. It proves that exec/executor.h is a
 * border (nothing but this header is needed to add one), and says what XNNPACK's results should be. */
#ifndef EW_TESTS_ORACLE_ORACLE_H
#define EW_TESTS_ORACLE_ORACLE_H

#include "exec/executor.h"
#include "oracle/tensor.h"

extern const ew_executor_ops oracle_executor;

/* From now on each run of a segment answers EW_WAITING so many times before it works, as an executor would
 * that runs elsewhere. */
void oracle_set_waits(uint32_t waits);

/* A value of the segment's last run, with its slack. */
const oracle_tensor *oracle_result(const ew_executor *executor, uint32_t segment, uint32_t value);

#endif
