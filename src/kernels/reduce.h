/* Reductions over any set of dimensions. Internal to kernels/. */
#ifndef EW_KERNELS_REDUCE_H
#define EW_KERNELS_REDUCE_H

#include "kernels/strided.h"
#include "kernels/support.h"

/* State of one output element. Loops add n elements to it; position counts elements seen, in the
 * logical order of the reduced dimensions. */
typedef struct ew_fold {
  double d, d2;
  int64_t i;
  size_t position, best;
  bool any;
} ew_fold;

typedef void (*ew_fold_f64)(ew_fold *fold, const double *x, size_t n);
typedef void (*ew_fold_i64)(ew_fold *fold, const int64_t *x, size_t n);

/* Floats are folded as f64 (exact for f32), all else as i64. integers NULL: these convert to f64. */
typedef struct ew_folds {
  ew_fold_f64 floats;
  ew_fold_i64 integers;
} ew_folds;

/* Called with the outcome of output element index (row-major over the kept dimensions). count is the
 * number of elements folded. */
typedef ew_status (*ew_fold_store)(ew_call *call, const ew_fold *fold, size_t index, size_t count);

/* Folds input 0 over the dimensions in mask, start being the state before the first element. */
ew_status ew_reduce_run(ew_call *call, uint32_t mask, const ew_folds *folds, const ew_fold *start,
                        ew_fold_store store);

/* Stores into output number output (row-major) at index, converting. */
void ew_store_f64(const ew_tensor *out, size_t index, double value);
void ew_store_i64(const ew_tensor *out, size_t index, int64_t value);

#endif
