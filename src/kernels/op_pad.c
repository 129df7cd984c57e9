/* Padding: constant, reflected, replicated. */
#include <string.h>

#include "kernels/strided.h"
#include "kernels/support.h"

/* Elements before and behind each dimension; negative ones crop. */
typedef struct padding {
  int64_t before[EW_MAX_RANK], behind[EW_MAX_RANK];
  uint32_t first; /* dimensions from here on are padded */
} padding;

/* The list states pairs from the last dimension backwards. */
static ew_status read_padding(const ew_call *call, padding *out) {
  const ew_tensor *in = &call->inputs[0];
  const int64_t *items = NULL;
  uint32_t count = 0;
  *out = (padding){.first = 0};
  EW_TRY(ew_arg_ints(call, 0, &items, &count));
  EW_KERNEL_CHECK(call, count % 2 == 0 && count / 2 <= in->rank, EW_INVALID_PROGRAM,
                  "%u padding sizes for a tensor %s", count, ew_shape_of(in).text);
  out->first = in->rank - count / 2;
  const int64_t limit = (int64_t)EW_MAX_TENSOR_BYTES;
  for (uint32_t i = 0; i < count / 2; i++) {
    const uint32_t dim = in->rank - 1 - i;
    out->before[dim] = items[2 * i];
    out->behind[dim] = items[2 * i + 1];
    for (uint32_t k = 0; k < 2; k++) {
      EW_KERNEL_CHECK(call, items[2 * i + k] >= -limit && items[2 * i + k] <= limit,
                      EW_INVALID_PROGRAM, "padding %lld is out of range",
                      (long long)items[2 * i + k]);
    }
  }
  return EW_OK;
}

ew_status ew_prepare_pad(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  padding pad;
  EW_TRY(read_padding(call, &pad));
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < in->rank; i++) {
    const int64_t size = (int64_t)in->dims[i] + pad.before[i] + pad.behind[i];
    EW_TRY(ew_arg_size(call, size, "padded size", &dims[i]));
  }
  return ew_set_shape(call, 0, in->rank, dims);
}

/* constant_pad_nd(self, pad, value) */
ew_status ew_run_constant_pad(ew_call *call) {
  ew_strided from = ew_strided_of(&call->inputs[0]), to = ew_strided_of(&call->outputs[0]);
  padding pad;
  ew_number value;
  EW_TRY(read_padding(call, &pad));
  EW_TRY(ew_arg_number(call, 1, &value));
  if (ew_tensor_numel(&call->outputs[0]) == 0) return EW_OK;
  ew_fill(&to, value.is_float ? (void *)&value.d : (void *)&value.i,
          value.is_float ? EW_F64 : EW_I64);
  for (uint32_t i = 0; i < from.rank; i++) {
    const int64_t skip = pad.before[i] < 0 ? -pad.before[i] : 0;
    const int64_t lead = pad.before[i] > 0 ? pad.before[i] : 0;
    const int64_t left = (int64_t)from.dims[i] - skip, room = (int64_t)to.dims[i] - lead;
    const int64_t count = left < room ? left : room;
    if (count <= 0) return EW_OK;
    ew_strided_advance(&from, i, (size_t)skip);
    ew_strided_advance(&to, i, (size_t)lead);
    from.dims[i] = to.dims[i] = (size_t)count;
  }
  ew_copy(&to, &from);
  return EW_OK;
}

/* --- reflection_pad1d/2d/3d, replication_pad1d/2d/3d (self, padding) ------------------------------------ */

ew_status ew_prepare_mirror_pad(ew_call *call) {
  EW_TRY(ew_prepare_pad(call));
  const ew_tensor *in = &call->inputs[0];
  padding pad;
  EW_TRY(read_padding(call, &pad));
  for (uint32_t i = 0; i < in->rank; i++) {
    /* A reflection has one element less than the dimension; a replication needs one to repeat. */
    const int64_t size = (int64_t)in->dims[i];
    EW_KERNEL_CHECK(call,
                    i < pad.first || (pad.before[i] < size && pad.behind[i] < size) || size > 0,
                    EW_INVALID_PROGRAM, "padding of dimension %u of %s", i, ew_shape_of(in).text);
  }
  return EW_OK;
}

static size_t mirrored(int64_t at, int64_t size, bool reflect) {
  if (reflect && size > 1) {
    const int64_t period = 2 * (size - 1);
    at = (at % period + period) % period;
    return (size_t)(at < size ? at : period - at);
  }
  return (size_t)(at < 0 ? 0 : at >= size ? size - 1 : at);
}

static ew_status run_mirror(ew_call *call, bool reflect) {
  const ew_tensor *in = &call->inputs[0], *out = &call->outputs[0];
  padding pad;
  EW_TRY(read_padding(call, &pad));
  const size_t size = ew_dtype_size(out->dtype), count = ew_tensor_numel(out);
  size_t at[EW_MAX_RANK] = {0};
  for (size_t k = 0; k < count; k++) {
    size_t offset = 0;
    for (uint32_t i = 0; i < out->rank; i++) {
      const int64_t source = (int64_t)at[i] - pad.before[i];
      offset += mirrored(source, (int64_t)in->dims[i], reflect) * in->strides[i];
    }
    memcpy((uint8_t *)out->data + k * size, (const uint8_t *)in->data + offset * size, size);
    for (uint32_t i = out->rank; i-- > 0 && ++at[i] == out->dims[i];) at[i] = 0;
  }
  return EW_OK;
}

ew_status ew_run_reflection_pad(ew_call *call) { return run_mirror(call, true); }
ew_status ew_run_replication_pad(ew_call *call) { return run_mirror(call, false); }
