/* Tensors made from numbers. */
#include <math.h>
#include <string.h>

#include "kernels/strided.h"
#include "kernels/support.h"

static ew_status fill_number(ew_call *call, const ew_number *number) {
  const ew_strided out = ew_strided_of(&call->outputs[0]);
  if (number->is_float) {
    ew_fill(&out, &number->d, EW_F64);
  } else {
    ew_fill(&out, &number->i, EW_I64);
  }
  return EW_OK;
}

static ew_status fill_argument(ew_call *call, uint32_t index) {
  ew_number number;
  EW_TRY(ew_arg_number(call, index, &number));
  return fill_number(call, &number);
}

/* full_like(self, fill_value, memory_format) */
ew_status ew_run_full_like(ew_call *call) { return fill_argument(call, 0); }

/* fill(self, value): value is a scalar tensor. */
ew_status ew_prepare_fill_tensor(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_KERNEL_CHECK(call, call->inputs[1].rank == 0, EW_INVALID_PROGRAM, "value %s is no scalar",
                  ew_shape_of(&call->inputs[1]).text);
  return ew_set_shape_like(call, 0, &call->inputs[0]);
}

ew_status ew_run_fill_tensor(ew_call *call) {
  ew_copy_tensor(&call->outputs[0], &call->inputs[1]);
  return EW_OK;
}

/* size is the integer list of argument 0. */
ew_status ew_prepare_full(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const int64_t *items = NULL;
  uint32_t count = 0;
  EW_TRY(ew_arg_ints(call, 0, &items, &count));
  EW_KERNEL_CHECK(call, count <= EW_MAX_RANK, EW_OUT_OF_RESOURCES, "rank %u exceeds %d", count,
                  EW_MAX_RANK);
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < count; i++) EW_TRY(ew_arg_size(call, items[i], "size", &dims[i]));
  return ew_set_shape(call, 0, count, dims);
}

/* full(size, fill_value) */
ew_status ew_run_full(ew_call *call) { return fill_argument(call, 1); }

/* zeros(size), zeros_like(self), and empty(size): nothing of another tensor must show. */
ew_status ew_run_zeros(ew_call *call) { return fill_number(call, &(ew_number){.i = 0}); }
ew_status ew_run_ones(ew_call *call) { return fill_number(call, &(ew_number){.i = 1}); }

ew_status ew_prepare_scalar_tensor(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  return ew_set_shape(call, 0, 0, NULL);
}

ew_status ew_run_scalar_tensor(ew_call *call) { return fill_argument(call, 0); }

/* --- arange --------------------------------------------------------------------------------------- */

typedef struct range {
  ew_number start, end, step;
} range;

/* arange(end) or arange(start, end, step) */
static ew_status read_range(const ew_call *call, range *out) {
  out->start = (ew_number){.i = 0};
  out->step = (ew_number){.i = 1, .d = 1};
  if (call->num_attrs == 1) return ew_arg_number(call, 0, &out->end);
  EW_TRY(ew_arg_number(call, 0, &out->start));
  EW_TRY(ew_arg_number(call, 1, &out->end));
  return ew_arg_number(call, 2, &out->step);
}

ew_status ew_prepare_arange(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  range r;
  EW_TRY(read_range(call, &r));
  const double count = ceil((r.end.d - r.start.d) / r.step.d);
  EW_KERNEL_CHECK(call, count >= 0 && count <= (double)EW_MAX_TENSOR_BYTES, EW_INVALID_PROGRAM,
                  "no range from %g to %g in steps of %g", r.start.d, r.end.d, r.step.d);
  const size_t dim = (size_t)count;
  return ew_set_shape(call, 0, 1, &dim);
}

ew_status ew_run_arange(ew_call *call) {
  range r;
  EW_TRY(read_range(call, &r));
  const ew_tensor *out = &call->outputs[0];
  const bool floating = ew_dtype_is_float(out->dtype);
  const ptrdiff_t stride = (ptrdiff_t)out->strides[0];
  uint8_t *to = out->data;
  for (size_t k = 0; k < out->dims[0]; k++) {
    if (floating) {
      const double value = r.start.d + (double)k * r.step.d;
      ew_convert(to, out->dtype, 1, &value, EW_F64, 1, 1);
    } else {
      const int64_t value = (int64_t)((uint64_t)r.start.i + (uint64_t)k * (uint64_t)r.step.i);
      ew_convert(to, out->dtype, 1, &value, EW_I64, 1, 1);
    }
    to += stride * (ptrdiff_t)ew_dtype_size(out->dtype);
  }
  return EW_OK;
}

/* --- triangles ------------------------------------------------------------------------------------ */

/* tril(self, diagonal) keeps elements with column - row <= diagonal, triu those with >=. */
static ew_status run_triangle(ew_call *call, bool lower) {
  const ew_tensor *out = &call->outputs[0];
  int64_t diagonal = 0;
  EW_TRY(ew_arg_int(call, 0, &diagonal));
  EW_KERNEL_CHECK(call, out->rank >= 2, EW_INVALID_PROGRAM, "input %s must be a matrix",
                  ew_shape_of(out).text);
  ew_copy_tensor(out, &call->inputs[0]);
  const size_t rows = out->dims[out->rank - 2], columns = out->dims[out->rank - 1];
  const size_t size = ew_dtype_size(out->dtype), count = ew_tensor_numel(out);
  for (size_t k = 0; k < count; k++) {
    const int64_t offset = (int64_t)(k % columns) - (int64_t)(k / columns % rows);
    if (lower ? offset > diagonal : offset < diagonal) {
      memset((uint8_t *)out->data + k * size, 0, size);
    }
  }
  return EW_OK;
}

ew_status ew_run_tril(ew_call *call) { return run_triangle(call, true); }
ew_status ew_run_triu(ew_call *call) { return run_triangle(call, false); }
