/* What masks and counts select: the sizes of these outputs depend on data. prepare states the most that
 * there can be, run shrinks the output to what there is. */
#include <string.h>

#include "kernels/strided.h"
#include "kernels/support.h"

/* Visits the elements of equal shapes in logical order. */
typedef struct cursor {
  uint32_t rank;
  size_t dims[EW_MAX_RANK], at[EW_MAX_RANK];
} cursor;

static cursor start_of(const ew_tensor *shape) {
  cursor out = {.rank = shape->rank};
  memcpy(out.dims, shape->dims, sizeof out.dims);
  return out;
}

static void step(cursor *c) {
  for (uint32_t i = c->rank; i-- > 0 && ++c->at[i] == c->dims[i];) c->at[i] = 0;
}

static uint8_t *element(const ew_strided *view, const cursor *c) {
  ptrdiff_t offset = 0;
  for (uint32_t i = 0; i < c->rank; i++) offset += (ptrdiff_t)c->at[i] * view->strides[i];
  return view->data + offset * (ptrdiff_t)ew_dtype_size(view->dtype);
}

static bool is_true(const ew_strided *view, const cursor *c) {
  uint8_t truth = 0;
  ew_convert(&truth, EW_BOOL, 1, element(view, c), view->dtype, 1, 1);
  return truth != 0;
}

static size_t count_true(const ew_strided *view, const ew_tensor *shape) {
  size_t count = 0;
  cursor c = start_of(shape);
  for (size_t n = ew_tensor_numel(shape); n > 0; n--, step(&c)) count += is_true(view, &c);
  return count;
}

/* Copies element from of one tensor to element number index of a list. */
static void put(const ew_tensor *list, size_t index, const uint8_t *from) {
  const size_t size = ew_dtype_size(list->dtype);
  memcpy((uint8_t *)list->data + index * list->strides[0] * size, from, size);
}

/* --- nonzero -------------------------------------------------------------------------------------- */

/* nonzero(self) -> [count, rank], a row of indices for each element that is not zero */
ew_status ew_prepare_nonzero(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_KERNEL_CHECK(call, call->outputs[0].dtype == EW_I64, EW_INVALID_TYPE,
                  "output 0 has data type %s, expected i64", ew_dtype_name(call->outputs[0].dtype));
  const ew_tensor *in = &call->inputs[0];
  const size_t dims[2] = {ew_tensor_numel(in), in->rank};
  return ew_set_shape(call, 0, 2, dims);
}

ew_status ew_run_nonzero(ew_call *call) {
  const ew_tensor *in = &call->inputs[0], *out = &call->outputs[0];
  const ew_strided view = ew_strided_of(in);
  const size_t dims[2] = {count_true(&view, in), in->rank};
  EW_TRY(ew_shrink_output(call, 0, 2, dims));
  int64_t *to = out->data;
  cursor c = start_of(in);
  for (size_t row = 0; row < dims[0]; step(&c)) {
    if (!is_true(&view, &c)) continue;
    for (uint32_t i = 0; i < in->rank; i++) {
      to[row * out->strides[0] + i * out->strides[1]] = (int64_t)c.at[i];
    }
    row++;
  }
  return EW_OK;
}

/* --- masks ---------------------------------------------------------------------------------------- */

static ew_status check_mask(const ew_call *call) {
  EW_KERNEL_CHECK(call, call->inputs[1].dtype == EW_BOOL, EW_INVALID_TYPE,
                  "the mask has data type %s", ew_dtype_name(call->inputs[1].dtype));
  return ew_check_same_dtype(call, &call->inputs[0], &call->outputs[0]);
}

/* The shape of inputs 0 and 1 broadcast to each other. */
static ew_status masked_shape(const ew_call *call, ew_tensor *out) {
  *out = (ew_tensor){.dtype = EW_BOOL};
  EW_TRY(ew_broadcast_dims(call, &call->inputs[0], &out->rank, out->dims));
  return ew_broadcast_dims(call, &call->inputs[1], &out->rank, out->dims);
}

/* masked_select(self, mask) -> [count]; self and mask broadcast to each other. */
ew_status ew_prepare_masked_select(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(check_mask(call));
  ew_tensor shape;
  size_t bytes = 0;
  EW_TRY(masked_shape(call, &shape));
  EW_KERNEL_CHECK(call, ew_shape_bytes(EW_BOOL, shape.dims, shape.rank, &bytes),
                  EW_OUT_OF_RESOURCES, "%s is too large", ew_shape_of(&shape).text);
  const size_t most = ew_tensor_numel(&shape);
  return ew_set_shape(call, 0, 1, &most);
}

ew_status ew_run_masked_select(ew_call *call) {
  ew_tensor shape;
  EW_TRY(masked_shape(call, &shape));
  const ew_strided from = ew_strided_broadcast(&call->inputs[0], &shape);
  const ew_strided mask = ew_strided_broadcast(&call->inputs[1], &shape);
  const size_t count = count_true(&mask, &shape);
  EW_TRY(ew_shrink_output(call, 0, 1, &count));
  cursor c = start_of(&shape);
  for (size_t k = 0; k < count; step(&c)) {
    if (is_true(&mask, &c)) put(&call->outputs[0], k++, element(&from, &c));
  }
  return EW_OK;
}

/* masked_scatter(self, mask, source): where mask is true, the next element of source. */
ew_status ew_prepare_masked_scatter(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(check_mask(call));
  EW_TRY(ew_check_same_dtype(call, &call->inputs[0], &call->inputs[2]));
  ew_tensor shape;
  EW_TRY(masked_shape(call, &shape));
  return ew_set_shape(call, 0, shape.rank, shape.dims);
}

ew_status ew_run_masked_scatter(ew_call *call) {
  const ew_tensor *out = &call->outputs[0], *source = &call->inputs[2];
  const ew_strided mask = ew_strided_broadcast(&call->inputs[1], out);
  const ew_strided to = ew_strided_of(out), from = ew_strided_of(source);
  ew_copy_tensor(out, &call->inputs[0]);
  const size_t count = count_true(&mask, out);
  EW_KERNEL_CHECK(call, count <= ew_tensor_numel(source), EW_INVALID_ARGUMENT,
                  "the mask takes %zu elements, the source %s has fewer", count,
                  ew_shape_of(source).text);
  cursor c = start_of(out), next = start_of(source);
  for (size_t k = 0; k < count; step(&c)) {
    if (!is_true(&mask, &c)) continue;
    memcpy(element(&to, &c), element(&from, &next), ew_dtype_size(out->dtype));
    step(&next);
    k++;
  }
  return EW_OK;
}

/* --- repeat_interleave ---------------------------------------------------------------------------- */

static ew_status repeats_at(const ew_call *call, size_t index, int64_t *out) {
  const ew_tensor *repeats = &call->inputs[0];
  const size_t size = ew_dtype_size(repeats->dtype);
  ew_convert(out, EW_I64, 1, (const uint8_t *)repeats->data + index * repeats->strides[0] * size,
             repeats->dtype, 1, 1);
  EW_KERNEL_CHECK(call, *out >= 0, EW_INVALID_ARGUMENT, "%lld repetitions", (long long)*out);
  return EW_OK;
}

/* repeat_interleave(repeats, output_size?): index i repeats[i] times. */
ew_status ew_prepare_repeat_interleave(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *repeats = &call->inputs[0], *out = &call->outputs[0];
  EW_TRY(ew_check_same_dtype(call, repeats, out));
  EW_KERNEL_CHECK(call,
                  repeats->rank == 1 && (repeats->dtype == EW_I64 || repeats->dtype == EW_I32),
                  EW_INVALID_PROGRAM, "repeats %s of type %s must be a list of i64 or i32",
                  ew_shape_of(repeats).text, ew_dtype_name(repeats->dtype));
  int64_t size = (int64_t)(EW_MAX_TENSOR_BYTES / ew_dtype_size(out->dtype));
  if (!ew_arg_absent(call, 0)) EW_TRY(ew_arg_int(call, 0, &size));
  size_t most = 0;
  EW_TRY(ew_arg_size(call, size, "output size", &most));
  return ew_set_shape(call, 0, 1, &most);
}

ew_status ew_run_repeat_interleave(ew_call *call) {
  const ew_tensor *out = &call->outputs[0];
  const size_t n = call->inputs[0].dims[0], stated = out->dims[0];
  uint64_t total = 0;
  int64_t times = 0;
  for (size_t i = 0; i < n; i++) {
    EW_TRY(repeats_at(call, i, &times));
    EW_KERNEL_CHECK(call, (uint64_t)times <= stated - total, EW_INVALID_ARGUMENT,
                    "the repetitions give more than %zu elements", stated);
    total += (uint64_t)times;
  }
  EW_KERNEL_CHECK(call, ew_arg_absent(call, 0) || total == stated, EW_INVALID_ARGUMENT,
                  "the repetitions give %zu elements, output_size says %zu", (size_t)total, stated);
  const size_t count = (size_t)total;
  EW_TRY(ew_shrink_output(call, 0, 1, &count));
  size_t at = 0;
  for (size_t i = 0; i < n; i++) {
    const int64_t index = (int64_t)i;
    EW_TRY(repeats_at(call, i, &times));
    for (int64_t k = 0; k < times; k++, at++) {
      uint8_t *to = (uint8_t *)out->data + at * out->strides[0] * ew_dtype_size(out->dtype);
      ew_convert(to, out->dtype, 1, &index, EW_I64, 1, 1);
    }
  }
  return EW_OK;
}
