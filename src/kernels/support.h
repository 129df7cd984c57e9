/* What the kernels share: messages, arguments and shapes of a call. Internal to kernels/. */
#ifndef EW_KERNELS_SUPPORT_H
#define EW_KERNELS_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "kernels/kernel.h"

/* Prototypes of every prepare and run that the table names. */
#define EW_KERNEL(name, signature, prepare, run, flags) \
  ew_status ew_prepare_##prepare(ew_call *call);        \
  ew_status ew_run_##run(ew_call *call);
#define EW_KERNEL_VIEW_ROW(name, signature, prepare) ew_status ew_prepare_##prepare(ew_call *call);
#include "kernels/kernels.def"
#undef EW_KERNEL
#undef EW_KERNEL_VIEW_ROW

/* Fails with "operator: message". */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
ew_status
ew_kernel_fail(const ew_call *call, ew_status code, const char *format, ...);

#define EW_KERNEL_CHECK(call, cond, code, ...)                       \
  do {                                                               \
    if (!(cond)) return ew_kernel_fail((call), (code), __VA_ARGS__); \
  } while (0)

/* First thing in every prepare: each tensor is present (or its letter is optional) and has a data
 * type that the kernels know. */
ew_status ew_kernel_begin(const ew_call *call);

/* A Scalar argument. i and d both hold it; i saturates. */
typedef struct ew_number {
  bool is_float;
  int64_t i;
  double d;
} ew_number;

/* Argument index counts attrs. The numeric ones accept int, bool and (double, number) double. */
ew_status ew_arg_int(const ew_call *call, uint32_t index, int64_t *out);
ew_status ew_arg_bool(const ew_call *call, uint32_t index, bool *out);
ew_status ew_arg_double(const ew_call *call, uint32_t index, double *out);
ew_status ew_arg_number(const ew_call *call, uint32_t index, ew_number *out);
/* Absent lists give *out_items NULL and *out_count 0. */
ew_status ew_arg_ints(const ew_call *call, uint32_t index, const int64_t **out_items,
                      uint32_t *out_count);
bool ew_arg_absent(const ew_call *call, uint32_t index);
/* A dimension; negative ones count from the end. A scalar (rank 0) has dimensions 0 and -1. */
ew_status ew_arg_dim(const ew_call *call, uint32_t index, uint32_t rank, uint32_t *out);
/* Dimensions as a bit mask; duplicates fail. An absent or empty list gives all of them when
 * empty_means_all. */
ew_status ew_arg_dims(const ew_call *call, uint32_t index, uint32_t rank, bool empty_means_all,
                      uint32_t *out_mask);
/* A non-negative size that fits in memory terms (at most EW_MAX_TENSOR_BYTES). */
ew_status ew_arg_size(const ew_call *call, int64_t value, const char *what, size_t *out);
/* Asks for scratch memory of count items of this size, for run. */
ew_status ew_need_scratch(ew_call *call, size_t count, size_t size);
/* Wraps dim into [0, rank); false when out of range. */
bool ew_wrap_dim(int64_t dim, uint32_t rank, uint32_t *out);

/* Saturating conversion; NaN gives 0. */
int64_t ew_double_to_int(double value);

/* Sets the row-major shape of an output after checking rank and bytes. */
ew_status ew_set_shape(ew_call *call, uint32_t output, uint32_t rank, const size_t *dims);
ew_status ew_set_shape_like(ew_call *call, uint32_t output, const ew_tensor *like);
/* For run of EW_KERNEL_SIZES: makes the output smaller than prepare has set it, in the same memory and
 * dim order. Fails when it would not fit. */
ew_status ew_shrink_output(ew_call *call, uint32_t output, uint32_t rank, const size_t *dims);
/* Shape of input 0 with the dimensions in mask reduced: to 1 with keepdim, else dropped. */
ew_status ew_set_shape_reduced(ew_call *call, uint32_t output, uint32_t mask, bool keepdim);
/* Broadcasts dims with those of tensor (aligned at the right) in place. */
ew_status ew_broadcast_dims(const ew_call *call, const ew_tensor *tensor, uint32_t *rank,
                            size_t dims[EW_MAX_RANK]);
ew_status ew_check_same_dtype(const ew_call *call, const ew_tensor *a, const ew_tensor *b);
ew_status ew_check_float(const ew_call *call, const ew_tensor *tensor);
/* All tensors that are present are f32, which EW_KERNEL_F32 makes of other floats. */
ew_status ew_check_f32(const ew_call *call);
/* prepare of a kernel that does more than pass over its tensors some times: adds a * b * c operations to call->work (a 0
 * counts as 1). Fails with EW_OUT_OF_RESOURCES beyond EW_MAX_WORK. */
ew_status ew_count_work(ew_call *call, size_t a, size_t b, size_t c);
/* Rank and dims of tensor as "[2,3]". */
typedef struct ew_shape_string {
  char text[96];
} ew_shape_string;
ew_shape_string ew_shape_of(const ew_tensor *tensor);

#endif
