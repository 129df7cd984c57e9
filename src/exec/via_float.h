/* Quantised nodes that an executor has no integer kernels for. */
#ifndef EW_EXEC_VIA_FLOAT_H
#define EW_EXEC_VIA_FLOAT_H

#include "exec/executor.h"

/* Rewrites nodes of ops.def that the executor does not support, have no kernel, and whose operands are 8-bit
 * tensors with one scale (or f32): the operands are converted to f32, the node computes in floats, its result is
 * converted back. Nodes that this does not help stay as they are. For graphs that are one flat list. */
ew_status ew_via_float(const ew_executor_ops *ops, ew_graph *graph, ew_error *err);

#endif
