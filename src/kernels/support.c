/* Messages, arguments and shapes of a kernel call. */
#include "kernels/support.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernels/signature.h"

static const char *kernel_name(const ew_call *call) {
  return call->node != NULL && call->node->kernel != NULL ? call->node->kernel->name : "kernel";
}

ew_status ew_kernel_fail(const ew_call *call, ew_status code, const char *format, ...) {
  char message[512];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  return ew_fail(call->err, code, "%s: %s", kernel_name(call), message);
}

static ew_status check_tensor(const ew_call *call, const ew_tensor *tensor, bool optional,
                              const char *what, uint32_t index) {
  switch (tensor->dtype) {
    case EW_U8:
    case EW_I8:
    case EW_I16:
    case EW_I32:
    case EW_I64:
    case EW_F16:
    case EW_BF16:
    case EW_F32:
    case EW_F64:
    case EW_BOOL:
    case EW_U16:
    case EW_U32:
    case EW_U64:
      return EW_OK;
    case EW_DTYPE_NONE:
      EW_KERNEL_CHECK(call, optional, EW_INVALID_PROGRAM, "%s %u is missing", what, index);
      return EW_OK;
    default:
      return ew_kernel_fail(call, EW_NOT_SUPPORTED,
                            "%s %u has data type %s, which is not supported", what, index,
                            ew_dtype_name(tensor->dtype));
  }
}

ew_status ew_kernel_begin(const ew_call *call) {
  ew_signature signature = {0};
  if (call->node != NULL && call->node->kernel != NULL) {
    ew_signature_parse(call->node->kernel->signature, &signature);
  }
  for (uint32_t i = 0; i < call->num_inputs; i++) {
    const bool optional = ew_signature_input_is_optional(&signature, i, call->num_inputs);
    EW_TRY(check_tensor(call, &call->inputs[i], optional, "input", i));
  }
  for (uint32_t i = 0; i < call->num_outputs; i++) {
    EW_TRY(check_tensor(call, &call->outputs[i], false, "output", i));
  }
  return EW_OK;
}

/* --- arguments ----------------------------------------------------------------------------------- */

static ew_status bad_argument(const ew_call *call, uint32_t index, const char *expected) {
  return ew_kernel_fail(call, EW_INVALID_PROGRAM, "argument %u is not %s", index, expected);
}

int64_t ew_double_to_int(double value) {
  if (!(value == value)) return 0;
  if (value >= 9223372036854775808.0) return INT64_MAX;
  if (value < -9223372036854775808.0) return INT64_MIN;
  return (int64_t)value;
}

bool ew_arg_absent(const ew_call *call, uint32_t index) {
  return index >= call->num_attrs || call->attrs[index].kind == EW_ATTR_NONE;
}

ew_status ew_arg_number(const ew_call *call, uint32_t index, ew_number *out) {
  if (ew_arg_absent(call, index)) return bad_argument(call, index, "present");
  const ew_attr *attr = &call->attrs[index];
  switch (attr->kind) {
    case EW_ATTR_INT:
    case EW_ATTR_BOOL:
      *out = (ew_number){false, attr->u.i, (double)attr->u.i};
      return EW_OK;
    case EW_ATTR_DOUBLE:
      *out = (ew_number){true, ew_double_to_int(attr->u.d), attr->u.d};
      return EW_OK;
    default:
      return bad_argument(call, index, "a number");
  }
}

ew_status ew_arg_int(const ew_call *call, uint32_t index, int64_t *out) {
  ew_number number;
  EW_TRY(ew_arg_number(call, index, &number));
  if (number.is_float) return bad_argument(call, index, "an integer");
  *out = number.i;
  return EW_OK;
}

ew_status ew_arg_bool(const ew_call *call, uint32_t index, bool *out) {
  int64_t value = 0;
  EW_TRY(ew_arg_int(call, index, &value));
  *out = value != 0;
  return EW_OK;
}

ew_status ew_arg_double(const ew_call *call, uint32_t index, double *out) {
  ew_number number;
  EW_TRY(ew_arg_number(call, index, &number));
  *out = number.d;
  return EW_OK;
}

ew_status ew_arg_ints(const ew_call *call, uint32_t index, const int64_t **out_items,
                      uint32_t *out_count) {
  *out_items = NULL;
  *out_count = 0;
  if (ew_arg_absent(call, index)) return EW_OK;
  const ew_attr *attr = &call->attrs[index];
  if (attr->kind != EW_ATTR_INTS && attr->kind != EW_ATTR_BOOLS) {
    return bad_argument(call, index, "a list of integers");
  }
  *out_items = attr->u.ints;
  *out_count = attr->count;
  return EW_OK;
}

bool ew_wrap_dim(int64_t dim, uint32_t rank, uint32_t *out) {
  const int64_t limit = rank == 0 ? 1 : (int64_t)rank;
  if (dim < -limit || dim >= limit) return false;
  *out = (uint32_t)(dim < 0 ? dim + limit : dim);
  return true;
}

static ew_status wrap_dim(const ew_call *call, int64_t dim, uint32_t rank, uint32_t *out) {
  EW_KERNEL_CHECK(call, ew_wrap_dim(dim, rank, out), EW_INVALID_PROGRAM,
                  "dimension %lld is out of range for a tensor of rank %u", (long long)dim, rank);
  return EW_OK;
}

ew_status ew_arg_dim(const ew_call *call, uint32_t index, uint32_t rank, uint32_t *out) {
  int64_t dim = 0;
  EW_TRY(ew_arg_int(call, index, &dim));
  return wrap_dim(call, dim, rank, out);
}

ew_status ew_arg_dims(const ew_call *call, uint32_t index, uint32_t rank, bool empty_means_all,
                      uint32_t *out_mask) {
  const int64_t *items = NULL;
  uint32_t count = 0;
  EW_TRY(ew_arg_ints(call, index, &items, &count));
  uint32_t mask = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t dim = 0;
    EW_TRY(wrap_dim(call, items[i], rank, &dim));
    EW_KERNEL_CHECK(call, (mask >> dim & 1) == 0, EW_INVALID_PROGRAM,
                    "dimension %u is listed twice", dim);
    mask |= 1u << dim;
  }
  if (count == 0 && empty_means_all) mask = (1u << rank) - 1;
  *out_mask = mask;
  return EW_OK;
}

ew_status ew_arg_size(const ew_call *call, int64_t value, const char *what, size_t *out) {
  EW_KERNEL_CHECK(call, value >= 0 && value <= (int64_t)EW_MAX_TENSOR_BYTES, EW_INVALID_PROGRAM,
                  "%s %lld is out of range", what, (long long)value);
  *out = (size_t)value;
  return EW_OK;
}

ew_status ew_need_scratch(ew_call *call, size_t count, size_t size) {
  EW_KERNEL_CHECK(call, ew_mul_size(count, size, &call->scratch_size), EW_OUT_OF_RESOURCES,
                  "%zu items of %zu bytes are too much working memory", count, size);
  return EW_OK;
}

/* --- shapes -------------------------------------------------------------------------------------- */

ew_shape_string ew_shape_of(const ew_tensor *tensor) {
  ew_shape_string out;
  ew_shape_text(tensor->dims, tensor->rank, out.text, sizeof out.text);
  return out;
}

ew_status ew_set_shape(ew_call *call, uint32_t output, uint32_t rank, const size_t *dims) {
  EW_KERNEL_CHECK(call, output < call->num_outputs, EW_INVALID_PROGRAM, "output %u is missing",
                  output);
  EW_KERNEL_CHECK(call, rank <= EW_MAX_RANK, EW_OUT_OF_RESOURCES,
                  "output %u would have rank %u, the limit is %d", output, rank, EW_MAX_RANK);
  ew_tensor *tensor = &call->outputs[output];
  size_t bytes = 0;
  if (!ew_shape_bytes(tensor->dtype, dims, rank, &bytes)) {
    char text[96];
    return ew_kernel_fail(call, EW_OUT_OF_RESOURCES, "output %u %s is too large", output,
                          ew_shape_text(dims, rank, text, sizeof text));
  }
  tensor->rank = rank;
  if (rank > 0) memmove(tensor->dims, dims, rank * sizeof *dims);
  ew_tensor_set_strides(tensor, NULL);
  return EW_OK;
}

ew_status ew_shrink_output(ew_call *call, uint32_t output, uint32_t rank, const size_t *dims) {
  ew_tensor *tensor = &call->outputs[output];
  size_t bytes = 0;
  char text[96];
  EW_KERNEL_CHECK(call,
                  rank == tensor->rank && ew_shape_bytes(tensor->dtype, dims, rank, &bytes) &&
                      bytes <= ew_tensor_bytes(tensor),
                  EW_INVALID_ARGUMENT, "the data give %s, the program expects at most %s",
                  ew_shape_text(dims, rank, text, sizeof text), ew_shape_of(tensor).text);
  /* The dim order, outermost first; which of equal strides comes first makes no difference. */
  uint8_t order[EW_MAX_RANK];
  for (uint32_t i = 0; i < rank; i++) {
    uint32_t at = i;
    for (; at > 0 && tensor->strides[order[at - 1]] < tensor->strides[i]; at--) {
      order[at] = order[at - 1];
    }
    order[at] = (uint8_t)i;
  }
  if (rank > 0) memmove(tensor->dims, dims, rank * sizeof *dims);
  ew_tensor_set_strides(tensor, order);
  return EW_OK;
}

ew_status ew_set_shape_like(ew_call *call, uint32_t output, const ew_tensor *like) {
  return ew_set_shape(call, output, like->rank, like->dims);
}

ew_status ew_set_shape_reduced(ew_call *call, uint32_t output, uint32_t mask, bool keepdim) {
  const ew_tensor *in = &call->inputs[0];
  size_t dims[EW_MAX_RANK];
  uint32_t rank = 0;
  for (uint32_t i = 0; i < in->rank; i++) {
    const bool reduced = (mask >> i & 1) != 0;
    if (!reduced || keepdim) dims[rank++] = reduced ? 1 : in->dims[i];
  }
  return ew_set_shape(call, output, rank, dims);
}

ew_status ew_broadcast_dims(const ew_call *call, const ew_tensor *tensor, uint32_t *rank,
                            size_t dims[EW_MAX_RANK]) {
  if (tensor->rank > *rank) {
    const uint32_t shift = tensor->rank - *rank;
    memmove(dims + shift, dims, *rank * sizeof *dims);
    for (uint32_t i = 0; i < shift; i++) dims[i] = 1;
    *rank = tensor->rank;
  }
  const uint32_t shift = *rank - tensor->rank;
  for (uint32_t i = 0; i < tensor->rank; i++) {
    size_t *dim = &dims[shift + i];
    if (tensor->dims[i] == *dim || tensor->dims[i] == 1) continue;
    if (*dim != 1) {
      char text[96];
      return ew_kernel_fail(call, EW_INVALID_PROGRAM, "shapes %s and %s do not broadcast",
                            ew_shape_text(dims, *rank, text, sizeof text),
                            ew_shape_of(tensor).text);
    }
    *dim = tensor->dims[i];
  }
  return EW_OK;
}

ew_status ew_check_same_dtype(const ew_call *call, const ew_tensor *a, const ew_tensor *b) {
  EW_KERNEL_CHECK(call, a->dtype == b->dtype, EW_INVALID_TYPE, "data types %s and %s differ",
                  ew_dtype_name(a->dtype), ew_dtype_name(b->dtype));
  return EW_OK;
}

ew_status ew_check_float(const ew_call *call, const ew_tensor *tensor) {
  EW_KERNEL_CHECK(call, ew_dtype_is_float(tensor->dtype), EW_INVALID_TYPE,
                  "data type %s is not floating point", ew_dtype_name(tensor->dtype));
  return EW_OK;
}

ew_status ew_check_f32(const ew_call *call) {
  for (uint32_t i = 0; i < call->num_inputs + call->num_outputs; i++) {
    const ew_tensor *tensor =
        i < call->num_inputs ? &call->inputs[i] : &call->outputs[i - call->num_inputs];
    EW_KERNEL_CHECK(call, tensor->dtype == EW_F32 || tensor->dtype == EW_DTYPE_NONE,
                    EW_NOT_SUPPORTED, "data type %s is not supported, only floats",
                    ew_dtype_name(tensor->dtype));
  }
  return EW_OK;
}

ew_status ew_count_work(ew_call *call, size_t a, size_t b, size_t c) {
  const uint64_t x = a == 0 ? 1 : a, y = b == 0 ? 1 : b, z = c == 0 ? 1 : c;
  EW_KERNEL_CHECK(
      call,
      x <= EW_MAX_WORK / y && x * y <= EW_MAX_WORK / z && x * y * z <= EW_MAX_WORK - call->work,
      EW_OUT_OF_RESOURCES, "the operation is too large");
  call->work += x * y * z;
  return EW_OK;
}
