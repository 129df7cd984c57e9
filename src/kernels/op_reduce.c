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

/* (self, dim, keepdim, …), dim an int or an optional list; (self) and (self, dtype?): all dims. */
static ew_status reduced_dims(const ew_call *call, uint32_t *mask, bool *keepdim) {
  const uint32_t rank = call->inputs[0].rank;
  *keepdim = false;
  *mask = (1u << rank) - 1;
  if (call->num_attrs < 2) return EW_OK;
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
  if (ew_dtype_is_float(in)) {
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

/* --- var ------------------------------------------------------------------------------------------ */

/* Running mean and sum of squared differences: one pass, no cancellation. */
static void var_f64(ew_fold *fold, const double *x, size_t n) {
  for (size_t k = 0; k < n; k++) {
    fold->i++;
    const double difference = x[k] - fold->d;
    fold->d += difference / (double)fold->i;
    fold->d2 += difference * (x[k] - fold->d);
  }
}

/* var(self, dim?, unbiased, keepdim) or var(self, dim?, correction?, keepdim): what is taken off the
 * count; 1 when absent. */
static ew_status read_correction(const ew_call *call, double *out) {
  *out = 1;
  return ew_arg_absent(call, 1) ? EW_OK : ew_arg_double(call, 1, out);
}

static ew_status store_var(ew_call *call, const ew_fold *fold, size_t index, size_t count) {
  double correction = 1;
  EW_TRY(read_correction(call, &correction));
  const double divisor = (double)count - correction;
  ew_store_f64(&call->outputs[0], index, fold->d2 / (divisor > 0 ? divisor : 0));
  return EW_OK;
}

static ew_status var_dims(const ew_call *call, uint32_t *mask, bool *keepdim) {
  EW_TRY(ew_arg_bool(call, 2, keepdim));
  return ew_arg_dims(call, 0, call->inputs[0].rank, true, mask);
}

ew_status ew_prepare_var(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_float(call, &call->outputs[0]));
  uint32_t mask = 0;
  bool keepdim = false;
  double correction = 0;
  EW_TRY(read_correction(call, &correction));
  EW_TRY(var_dims(call, &mask, &keepdim));
  return ew_set_shape_reduced(call, 0, mask, keepdim);
}

static ew_status run_variance(ew_call *call, ew_fold_store store) {
  static const ew_folds folds = {var_f64, NULL};
  uint32_t mask = 0;
  bool keepdim = false;
  EW_TRY(var_dims(call, &mask, &keepdim));
  return ew_reduce_run(call, mask, &folds, &(ew_fold){0}, store);
}

ew_status ew_run_var(ew_call *call) { return run_variance(call, store_var); }

/* var_mean(self, dim?, correction?, keepdim) -> var, mean */
ew_status ew_prepare_var_mean(ew_call *call) {
  EW_TRY(ew_prepare_var(call));
  EW_TRY(ew_check_float(call, &call->outputs[1]));
  return ew_set_shape_like(call, 1, &call->outputs[0]);
}

static ew_status store_var_mean(ew_call *call, const ew_fold *fold, size_t index, size_t count) {
  ew_store_f64(&call->outputs[1], index, count == 0 ? (double)NAN : fold->d);
  return store_var(call, fold, index, count);
}

ew_status ew_run_var_mean(ew_call *call) { return run_variance(call, store_var_mean); }

/* --- norm ----------------------------------------------------------------------------------------- */

/* fold->d2 is the order. */
static void norm_f64(ew_fold *fold, const double *x, size_t n) {
  const double order = fold->d2;
  double total = fold->d;
  for (size_t k = 0; k < n; k++) {
    const double a = fabs(x[k]);
    if (order == 2) {
      total += a * a;
    } else if (order == 1) {
      total += a;
    } else if (order == 0) {
      total += a != 0;
    } else if (isinf(order)) {
      const bool beats = order > 0 ? a > total : a < total;
      total = total == total && (beats || a != a) ? a : total;
    } else {
      total += pow(a, order);
    }
  }
  fold->d = total;
}

/* linalg_vector_norm(self, ord, dim?, keepdim, dtype?) */
static ew_status norm_arguments(const ew_call *call, double *order, uint32_t *mask, bool *keepdim) {
  EW_TRY(ew_arg_double(call, 0, order));
  EW_TRY(ew_arg_bool(call, 2, keepdim));
  return ew_arg_dims(call, 1, call->inputs[0].rank, true, mask);
}

ew_status ew_prepare_vector_norm(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_float(call, &call->outputs[0]));
  double order = 0;
  uint32_t mask = 0;
  bool keepdim = false;
  EW_TRY(norm_arguments(call, &order, &mask, &keepdim));
  return ew_set_shape_reduced(call, 0, mask, keepdim);
}

static ew_status store_norm(ew_call *call, const ew_fold *fold, size_t index, size_t count) {
  (void)count;
  const double order = fold->d2;
  const bool plain = order == 0 || order == 1 || isinf(order);
  ew_store_f64(&call->outputs[0], index, plain ? fold->d : pow(fold->d, 1 / order));
  return EW_OK;
}

ew_status ew_run_vector_norm(ew_call *call) {
  static const ew_folds folds = {norm_f64, NULL};
  double order = 0;
  uint32_t mask = 0;
  bool keepdim = false;
  EW_TRY(norm_arguments(call, &order, &mask, &keepdim));
  const ew_fold start = {.d = isinf(order) && order < 0 ? (double)INFINITY : 0, .d2 = order};
  return ew_reduce_run(call, mask, &folds, &start, store_norm);
}

/* --- prod ----------------------------------------------------------------------------------------- */

static void prod_f64(ew_fold *fold, const double *x, size_t n) {
  for (size_t k = 0; k < n; k++) fold->d *= x[k];
}
static void prod_i64(ew_fold *fold, const int64_t *x, size_t n) {
  uint64_t total = (uint64_t)fold->i;
  for (size_t k = 0; k < n; k++) total *= (uint64_t)x[k];
  fold->i = (int64_t)total;
}

/* prod(self, dim, keepdim, dtype?); prod(self, dtype?) */
ew_status ew_run_prod(ew_call *call) {
  static const ew_folds folds = {prod_f64, prod_i64};
  return run_dims(call, &folds, &(ew_fold){.d = 1, .i = 1}, store_sum);
}

/* --- extrema -------------------------------------------------------------------------------------- */

/* The first of equal elements wins, and the first NaN over all. best is its position. */
#define EXTREMUM(name, T, field, beats)                   \
  static void name(ew_fold *fold, const T *x, size_t n) { \
    for (size_t k = 0; k < n; k++) {                      \
      const T a = x[k], b = fold->field;                  \
      if (!fold->any || (beats)) {                        \
        fold->any = true;                                 \
        fold->field = a;                                  \
        fold->best = fold->position + k;                  \
      }                                                   \
    }                                                     \
  }

EXTREMUM(max_f64, double, d, b == b && !(a <= b))
EXTREMUM(min_f64, double, d, b == b && !(a >= b))
EXTREMUM(max_i64, int64_t, i, a > b)
EXTREMUM(min_i64, int64_t, i, a < b)

static const ew_folds max_folds = {max_f64, max_i64};
static const ew_folds min_folds = {min_f64, min_i64};

static ew_status store_extremum(ew_call *call, const ew_fold *fold, size_t index, size_t count) {
  EW_KERNEL_CHECK(call, count > 0, EW_INVALID_PROGRAM, "nothing to reduce");
  return store_sum(call, fold, index, count);
}

static ew_status store_best(ew_call *call, const ew_fold *fold, size_t index, size_t count) {
  EW_KERNEL_CHECK(call, count > 0, EW_INVALID_PROGRAM, "nothing to reduce");
  ew_store_i64(&call->outputs[call->num_outputs - 1], index, (int64_t)fold->best);
  return EW_OK;
}

static ew_status store_extremum_and_best(ew_call *call, const ew_fold *fold, size_t index,
                                         size_t count) {
  EW_TRY(store_extremum(call, fold, index, count));
  return store_best(call, fold, index, count);
}

/* amax(self, dims, keepdim), amin; max(self) and min(self) of all elements. */
ew_status ew_run_amax(ew_call *call) {
  return run_dims(call, &max_folds, &(ew_fold){0}, store_extremum);
}
ew_status ew_run_amin(ew_call *call) {
  return run_dims(call, &min_folds, &(ew_fold){0}, store_extremum);
}

/* max(self, dim, keepdim) -> values, indices; min alike. */
ew_status ew_prepare_max_dim(ew_call *call) {
  EW_TRY(ew_prepare_reduce(call));
  return ew_set_shape_like(call, 1, &call->outputs[0]);
}

ew_status ew_run_max_dim(ew_call *call) {
  return run_dims(call, &max_folds, &(ew_fold){0}, store_extremum_and_best);
}
ew_status ew_run_min_dim(ew_call *call) {
  return run_dims(call, &min_folds, &(ew_fold){0}, store_extremum_and_best);
}

/* argmax(self, dim?, keepdim), argmin */
ew_status ew_run_argmax(ew_call *call) {
  return run_dims(call, &max_folds, &(ew_fold){0}, store_best);
}
ew_status ew_run_argmin(ew_call *call) {
  return run_dims(call, &min_folds, &(ew_fold){0}, store_best);
}

/* --- cumsum --------------------------------------------------------------------------------------- */

/* cumsum(self, dim, dtype?): the output is row-major. */
ew_status ew_run_cumsum(ew_call *call) {
  const ew_tensor *out = &call->outputs[0];
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, out->rank, &dim));
  ew_copy_tensor(out, &call->inputs[0]);
  if (out->rank == 0 || ew_tensor_numel(out) == 0) return EW_OK;
  const size_t size = ew_dtype_size(out->dtype), step = out->strides[dim];
  const bool floats = ew_dtype_is_float(out->dtype);
  const size_t n = out->dims[dim], lines = ew_tensor_numel(out) / n;
  for (size_t k = 0; k < lines; k++) {
    uint8_t *at = (uint8_t *)out->data + (k / step * step * n + k % step) * size;
    double d = 0, x = 0;
    int64_t total = 0, i = 0;
    for (size_t j = 0; j < n; j++, at += step * size) {
      if (floats) {
        ew_convert(&x, EW_F64, 1, at, out->dtype, 1, 1);
        d += x;
        ew_convert(at, out->dtype, 1, &d, EW_F64, 1, 1);
      } else {
        ew_convert(&i, EW_I64, 1, at, out->dtype, 1, 1);
        total = (int64_t)((uint64_t)total + (uint64_t)i);
        ew_convert(at, out->dtype, 1, &total, EW_I64, 1, 1);
      }
    }
  }
  return EW_OK;
}
