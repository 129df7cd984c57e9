/* Sums, means, extrema and truth over dimensions. */
#include <math.h>

#include "kernels/reduce.h"

/* --- any, all ------------------------------------------------------------------------------------- */

static void any_f64(ew_fold *fold, const double *x, size_t n) {
  for (size_t k = 0; k < n; k++) fold->any |= x[k] != 0;
}
static void any_i64(ew_fold *fold, const int64_t *x, size_t n) {
  for (size_t k = 0; k < n; k++) fold->any |= x[k] != 0;
}
static void all_f64(ew_fold *fold, const double *x, size_t n) {
  for (size_t k = 0; k < n; k++) fold->any &= x[k] != 0;
}
static void all_i64(ew_fold *fold, const int64_t *x, size_t n) {
  for (size_t k = 0; k < n; k++) fold->any &= x[k] != 0;
}

static ew_status store_any(ew_call *call, const ew_fold *fold, size_t index, size_t count) {
  (void)count;
  ew_store_i64(&call->outputs[0], index, fold->any);
  return EW_OK;
}

/* (self, dim, keepdim, …), dim an int or an optional list; (self) without arguments: all dims. */
static ew_status reduced_dims(const ew_call *call, uint32_t *mask, bool *keepdim) {
  const uint32_t rank = call->inputs[0].rank;
  *keepdim = false;
  *mask = (1u << rank) - 1;
  if (call->num_attrs == 0) return EW_OK;
  EW_TRY(ew_arg_bool(call, 1, keepdim));
  if (!ew_arg_absent(call, 0) && call->attrs[0].kind == EW_ATTR_INT) {
    uint32_t dim = 0;
    EW_TRY(ew_arg_dim(call, 0, rank, &dim));
    *mask = 1u << dim;
    return EW_OK;
  }
  return ew_arg_dims(call, 0, rank, true, mask);
}

ew_status ew_prepare_reduce(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  uint32_t mask = 0;
  bool keepdim = false;
  EW_TRY(reduced_dims(call, &mask, &keepdim));
  return ew_set_shape_reduced(call, 0, mask, keepdim);
}

static ew_status run_dims(ew_call *call, const ew_folds *folds, const ew_fold *start,
                          ew_fold_store store) {
  uint32_t mask = 0;
  bool keepdim = false;
  EW_TRY(ew_check_row_major(call, &call->outputs[0]));
  EW_TRY(reduced_dims(call, &mask, &keepdim));
  return ew_reduce_run(call, mask, folds, start, store);
}

static ew_status run_truth(ew_call *call, const ew_folds *folds, bool start) {
  return run_dims(call, folds, &(ew_fold){.any = start}, store_any);
}

ew_status ew_run_any(ew_call *call) {
  static const ew_folds folds = {any_f64, any_i64};
  return run_truth(call, &folds, false);
}

ew_status ew_run_all(ew_call *call) {
  static const ew_folds folds = {all_f64, all_i64};
  return run_truth(call, &folds, true);
}

/* --- sum, mean ------------------------------------------------------------------------------------ */

static void sum_f64(ew_fold *fold, const double *x, size_t n) {
  for (size_t k = 0; k < n; k++) fold->d += x[k];
}
static void sum_i64(ew_fold *fold, const int64_t *x, size_t n) {
  uint64_t total = (uint64_t)fold->i;
  for (size_t k = 0; k < n; k++) total += (uint64_t)x[k];
  fold->i = (int64_t)total;
}

static ew_status store_sum(ew_call *call, const ew_fold *fold, size_t index, size_t count) {
  (void)count;
  const ew_dtype in = call->inputs[0].dtype;
  if (in == EW_F32 || in == EW_F64) {
    ew_store_f64(&call->outputs[0], index, fold->d);
  } else {
    ew_store_i64(&call->outputs[0], index, fold->i);
  }
  return EW_OK;
}

static ew_status store_mean(ew_call *call, const ew_fold *fold, size_t index, size_t count) {
  ew_store_f64(&call->outputs[0], index, fold->d / (double)count);
  return EW_OK;
}

/* sum(self, dim?, keepdim, dtype?), mean alike: the type of the output says what dtype says. */
ew_status ew_prepare_mean(ew_call *call) {
  EW_TRY(ew_prepare_reduce(call));
  return ew_check_float(call, &call->outputs[0]);
}

ew_status ew_run_sum(ew_call *call) {
  static const ew_folds folds = {sum_f64, sum_i64};
  return run_dims(call, &folds, &(ew_fold){0}, store_sum);
}

ew_status ew_run_mean(ew_call *call) {
  static const ew_folds folds = {sum_f64, NULL};
  return run_dims(call, &folds, &(ew_fold){0}, store_mean);
}
