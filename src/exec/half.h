/* Segments in half precision, for executors without it. */
#ifndef EW_EXEC_HALF_H
#define EW_EXEC_HALF_H

#include "exec/executor.h"

/* When the executor refuses a node of the segment that has f16 or bf16 operands: the whole segment computes in
 * f32. Its inputs are widened by steps before it, constants when their bytes arrive, and its outputs are
 * rounded to their type by steps behind it. Results between its nodes are not rounded, so that they are
 * nearer to the exact ones than those of an executor with half precision. */
ew_status ew_widen_half(const ew_executor_ops *ops, ew_graph *graph, uint32_t segment,
                        ew_error *err);

#endif
