/* The table of portable kernels and its look-up. */
#include "kernels/kernel.h"

#include <string.h>

#include "kernels/strided.h"
#include "kernels/support.h"

static const ew_kernel table[] = {
#define EW_KERNEL(name, signature, prepare, run, flags) \
  {name, signature, ew_prepare_##prepare, ew_run_##run, flags},
#define EW_KERNEL_VIEW_ROW(name, signature, prepare) \
  {name, signature, ew_prepare_##prepare, NULL, EW_KERNEL_VIEW},
#include "kernels/kernels.def"
#undef EW_KERNEL
#undef EW_KERNEL_VIEW_ROW
};

ew_dtype ew_kernel_dtype(const ew_kernel *kernel, ew_dtype dtype) {
  const bool as_f32 = (kernel->flags & EW_KERNEL_F32) == EW_KERNEL_F32;
  return as_f32 && ew_dtype_is_float(dtype) ? EW_F32 : dtype;
}

void ew_kernel_copy(const ew_tensor *to, const ew_tensor *from) { ew_copy_tensor(to, from); }

const ew_kernel *ew_kernel_find(const char *name) {
  size_t low = 0, high = sizeof table / sizeof table[0];
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(name, table[middle].name);
    if (order == 0) return &table[middle];
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return NULL;
}

const ew_kernel *ew_kernel_table(size_t *out_count) {
  *out_count = sizeof table / sizeof table[0];
  return table;
}
