/* Portable kernels: what executors lack. One table row per operator. */
#ifndef EW_KERNELS_KERNEL_H
#define EW_KERNELS_KERNEL_H

#include "graph/kernel.h"

/* NULL when there is none. Binary search in the sorted table. */
const ew_kernel *ew_kernel_find(const char *name);
/* All rows, for documentation and tests. */
const ew_kernel *ew_kernel_table(size_t *out_count);

#endif
