/* Portable kernels: what executors lack. One table row per operator. */
#ifndef EW_KERNELS_KERNEL_H
#define EW_KERNELS_KERNEL_H

#include "graph/kernel.h"

/* NULL when there is none. Binary search in the sorted table. */
const ew_kernel *ew_kernel_find(const char *name);
/* All rows, for documentation and tests. */
const ew_kernel *ew_kernel_table(size_t *out_count);

/* (scores, results) -> results, but zeros in rows of which all scores are -inf; f32 of one shape. No row of the table:
 * files do not name it. */
extern const ew_kernel ew_masked_rows_kernel;

/* The data type that a kernel sees of a tensor of this type (EW_KERNEL_F32). */
ew_dtype ew_kernel_dtype(const ew_kernel *kernel, ew_dtype dtype);
/* A call of a kernel node with room for its tensors in the arena (all EW_DTYPE_NONE; *out_inputs are the
 * call's inputs) and the arguments of the node. */
ew_status ew_kernel_new_call(const ew_node *node, ew_arena *arena, ew_tensor **out_inputs,
                             ew_call *out, ew_error *err);
/* Runs a call that was prepared. Nothing happens when all outputs are without elements: kernels need not be quick then. */
ew_status ew_kernel_run(ew_call *call);
/* What running a call that was prepared costs, in elements read or written and other operations. Sizes of 0 count as 1:
 * loops around those that are empty cost as well. */
uint64_t ew_kernel_work(const ew_call *call);
/* Adds a node that copies value `from` to value `to`, whatever their types and orders, and its step as number
 * `at` of the graph. */
ew_status ew_kernel_insert_cast(ew_graph *graph, uint32_t at, uint32_t branch, uint32_t from,
                                uint32_t to, ew_error *err);
/* Copies all elements between tensors of one shape, whatever their types and orders. */
void ew_kernel_copy(const ew_tensor *to, const ew_tensor *from);

#endif
