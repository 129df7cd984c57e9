/* Matrix products and convolutions. */
#include <math.h>
#include <stdlib.h>

#include "oracle/loops.h"

/* Where the terms of a sum cancel out, their own rounding shows: this share of their magnitudes. */
#define TERM_ROUNDING 0x1p-21

/* One sum of products under way. */
typedef struct sum {
  double value, slack;
} sum;

static void add_product(sum *s, const oracle_tensor *a, size_t at_a, const oracle_tensor *b,
                        size_t at_b) {
  const double x = a->value[at_a], y = b->value[at_b];
  const double dx = a->slack[at_a], dy = b->slack[at_b];
  s->value += x * y;
  s->slack += fabs(x) * dy + fabs(y) * dx + dx * dy + fabs(x * y) * TERM_ROUNDING;
}

static sum start_sum(const oracle_call *call, size_t channel) {
  if (call->num_inputs < 3 || call->in[2].value == NULL) return (sum){0};
  return (sum){call->in[2].value[channel], call->in[2].slack[channel]};
}

static void finish(const oracle_call *call) {
  oracle_clamp(call);
  oracle_settle(call->out, ORACLE_ROUNDED);
}

void oracle_fully_connected(const oracle_call *call) {
  const oracle_tensor *x = &call->in[0], *filter = &call->in[1];
  oracle_tensor *out = call->out;
  const bool transposed = call->params->transpose_weights;
  const size_t inputs = x->dims[x->rank - 1], outputs = out->dims[out->rank - 1];
  for (size_t i = 0; i < out->count; i++) {
    const size_t row = i / outputs, o = i % outputs;
    sum s = start_sum(call, o);
    for (size_t k = 0; k < inputs; k++) {
      add_product(&s, x, row * inputs + k, filter, transposed ? k * outputs + o : o * inputs + k);
    }
    out->value[i] = s.value;
    out->slack[i] = s.slack;
  }
  finish(call);
}

void oracle_batch_matrix_multiply(const oracle_call *call) {
  const oracle_tensor *a = &call->in[0], *b = &call->in[1];
  oracle_tensor *out = call->out;
  const bool transposed = call->params->transpose_weights;
  const uint32_t row = out->rank - 2, column = out->rank - 1;
  size_t index[EW_MAX_RANK] = {0}, i = 0;
  do {
    size_t at_a[EW_MAX_RANK] = {0}, at_b[EW_MAX_RANK] = {0};
    for (uint32_t d = 0; d < row; d++) at_a[d] = at_b[d] = index[d];
    sum s = {0};
    for (size_t k = 0; k < a->dims[a->rank - 1]; k++) {
      at_a[row] = index[row];
      at_a[column] = k;
      at_b[row] = transposed ? index[column] : k;
      at_b[column] = transposed ? k : index[column];
      add_product(&s, a, oracle_broadcast_index(a, at_a, out->rank), b,
                  oracle_broadcast_index(b, at_b, out->rank));
    }
    out->value[i] = s.value;
    out->slack[i++] = s.slack;
  } while (oracle_next_index(index, out->dims, out->rank));
  finish(call);
}

/* --- convolutions: NHWC, filters OHWI -------------------------------------------------------------- */

/* Index of [n, y, x, c]; false when the pixel lies on the padding. */
static bool pixel_at(const oracle_tensor *map, size_t n, int64_t y, int64_t x, size_t c,
                     size_t *out) {
  if (y < 0 || x < 0 || y >= (int64_t)map->dims[1] || x >= (int64_t)map->dims[2]) return false;
  *out = ((n * map->dims[1] + (size_t)y) * map->dims[2] + (size_t)x) * map->dims[3] + c;
  return true;
}

void oracle_conv(const oracle_call *call) {
  const oracle_tensor *x = &call->in[0], *filter = &call->in[1];
  oracle_tensor *out = call->out;
  const ew_params *p = call->params;
  const size_t inputs = p->group_input_channels;
  size_t at[4] = {0}, i = 0, from = 0;
  do {
    const size_t o = at[3], group = o / p->group_output_channels;
    sum s = start_sum(call, o);
    for (size_t tap = 0; tap < (size_t)p->kernel_h * p->kernel_w; tap++) {
      const int64_t in_y = (int64_t)(at[1] * p->stride_h + tap / p->kernel_w * p->dilation_h);
      const int64_t in_x = (int64_t)(at[2] * p->stride_w + tap % p->kernel_w * p->dilation_w);
      for (size_t c = 0; c < inputs; c++) {
        if (!pixel_at(x, at[0], in_y - p->pad_top, in_x - p->pad_left, group * inputs + c, &from)) {
          continue;
        }
        add_product(&s, x, from, filter, (o * p->kernel_h * p->kernel_w + tap) * inputs + c);
      }
    }
    out->value[i] = s.value;
    out->slack[i++] = s.slack;
  } while (oracle_next_index(at, out->dims, 4));
  finish(call);
}

void oracle_depthwise_conv(const oracle_call *call) {
  const oracle_tensor *x = &call->in[0], *filter = &call->in[1];
  oracle_tensor *out = call->out;
  const ew_params *p = call->params;
  const size_t multiplier = p->group_output_channels / p->group_input_channels;
  size_t at[4] = {0}, i = 0, from = 0;
  do {
    const size_t o = at[3];
    sum s = start_sum(call, o);
    for (size_t tap = 0; tap < (size_t)p->kernel_h * p->kernel_w; tap++) {
      const int64_t in_y = (int64_t)(at[1] * p->stride_h + tap / p->kernel_w * p->dilation_h);
      const int64_t in_x = (int64_t)(at[2] * p->stride_w + tap % p->kernel_w * p->dilation_w);
      if (!pixel_at(x, at[0], in_y - p->pad_top, in_x - p->pad_left, o / multiplier, &from)) {
        continue;
      }
      add_product(&s, x, from, filter, tap * out->dims[3] + o);
    }
    out->value[i] = s.value;
    out->slack[i++] = s.slack;
  } while (oracle_next_index(at, out->dims, 4));
  finish(call);
}

/* The input row or column that reaches output position `at` through a tap; false when none does. */
static bool source_of(size_t at, size_t pad, size_t tap, size_t dilation, size_t stride,
                      int64_t *out) {
  const int64_t shifted = (int64_t)(at + pad) - (int64_t)(tap * dilation);
  *out = shifted / (int64_t)stride;
  return shifted >= 0 && shifted % (int64_t)stride == 0;
}

void oracle_conv_transpose(const oracle_call *call) {
  const oracle_tensor *x = &call->in[0], *filter = &call->in[1];
  oracle_tensor *out = call->out;
  const ew_params *p = call->params;
  const size_t inputs = p->group_input_channels;
  size_t at[4] = {0}, i = 0, from = 0;
  do {
    const size_t o = at[3], group = o / p->group_output_channels;
    sum s = start_sum(call, o);
    for (size_t tap = 0; tap < (size_t)p->kernel_h * p->kernel_w; tap++) {
      int64_t y = 0, column = 0;
      if (!source_of(at[1], p->pad_top, tap / p->kernel_w, p->dilation_h, p->stride_h, &y) ||
          !source_of(at[2], p->pad_left, tap % p->kernel_w, p->dilation_w, p->stride_w, &column)) {
        continue;
      }
      for (size_t c = 0; c < inputs; c++) {
        if (!pixel_at(x, at[0], y, column, group * inputs + c, &from)) continue;
        add_product(&s, x, from, filter, (o * p->kernel_h * p->kernel_w + tap) * inputs + c);
      }
    }
    out->value[i] = s.value;
    out->slack[i++] = s.slack;
  } while (oracle_next_index(at, out->dims, 4));
  finish(call);
}
