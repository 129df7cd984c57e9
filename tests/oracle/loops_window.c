/* Pooling and resizing: windows over NHWC maps. */
#include <math.h>

#include "oracle/loops.h"

/* The elements under the window of one output element; padding is not among them. */
typedef struct window {
  uint32_t count;
  struct {
    size_t at;  /* index in the input */
    size_t tap; /* y * kernel_w + x */
  } element[256];
} window;

static void look_through(const oracle_call *call, const size_t at[4], window *w) {
  const oracle_tensor *x = &call->in[0];
  const ew_params *p = call->params;
  w->count = 0;
  for (size_t tap = 0; tap < (size_t)p->kernel_h * p->kernel_w && w->count < 256; tap++) {
    const size_t y = at[1] * p->stride_h + tap / p->kernel_w * p->dilation_h - p->pad_top;
    const size_t column = at[2] * p->stride_w + tap % p->kernel_w * p->dilation_w - p->pad_left;
    /* What lies above or left of the map has wrapped round. */
    if (y >= x->dims[1] || column >= x->dims[2]) continue;
    w->element[w->count].tap = tap;
    w->element[w->count++].at =
        ((at[0] * x->dims[1] + y) * x->dims[2] + column) * x->dims[3] + at[3];
  }
}

static uint32_t largest_of(const oracle_tensor *x, const window *w) {
  uint32_t best = 0;
  for (uint32_t k = 1; k < w->count; k++) {
    if (x->value[w->element[k].at] > x->value[w->element[best].at]) best = k;
  }
  return best;
}

static double slack_of(const oracle_tensor *x, const window *w) {
  double slack = 0;
  for (uint32_t k = 0; k < w->count; k++) slack = fmax(slack, x->slack[w->element[k].at]);
  return slack;
}

void oracle_max_pool(const oracle_call *call) {
  const oracle_tensor *x = &call->in[0];
  size_t at[4] = {0}, i = 0;
  window w;
  do {
    look_through(call, at, &w);
    call->out->value[i] = x->value[w.element[largest_of(x, &w)].at];
    call->out->slack[i++] = slack_of(x, &w);
  } while (oracle_next_index(at, call->out->dims, 4));
  oracle_clamp(call);
  /* The ends of the activation range may be no values of an 8-bit type. */
  const bool clamps = isfinite(call->params->output_min) || isfinite(call->params->output_max);
  oracle_settle(call->out, clamps ? ORACLE_ROUNDED : ORACLE_EXACT);
}

void oracle_avg_pool(const oracle_call *call) {
  const oracle_tensor *x = &call->in[0];
  size_t at[4] = {0}, i = 0;
  window w;
  do {
    look_through(call, at, &w);
    double total = 0;
    for (uint32_t k = 0; k < w.count; k++) total += x->value[w.element[k].at];
    call->out->value[i] = total / w.count;
    call->out->slack[i++] = slack_of(x, &w);
  } while (oracle_next_index(at, call->out->dims, 4));
  oracle_clamp(call);
  oracle_settle(call->out, ORACLE_ROUNDED);
}

/* XNNPACK numbers the taps of a window column by column. */
static size_t column_first(const ew_params *p, size_t tap) {
  return tap % p->kernel_w * p->kernel_h + tap / p->kernel_w;
}

/* Which element is named cannot be told where inputs may differ, where two are equally large, and on the
 * border: XNNPACK reads the nearest pixel for padding, and may name the padding instead of the pixel. */
static bool index_is_free(const oracle_call *call, const window *w, uint32_t best) {
  const oracle_tensor *x = &call->in[0];
  uint32_t winners = 0;
  for (uint32_t k = 0; k < w->count; k++) {
    winners += x->value[w->element[k].at] == x->value[w->element[best].at];
  }
  return winners > 1 || slack_of(x, w) > 0 ||
         w->count < call->params->kernel_h * call->params->kernel_w;
}

void oracle_argmax_pool(const oracle_call *call) {
  const oracle_tensor *x = &call->in[0];
  const double all = (double)call->params->kernel_h * call->params->kernel_w;
  oracle_tensor *value = &call->out[0], *index = &call->out[1];
  size_t at[4] = {0}, i = 0;
  window w;
  do {
    look_through(call, at, &w);
    const uint32_t best = largest_of(x, &w);
    value->value[i] = x->value[w.element[best].at];
    value->slack[i] = slack_of(x, &w);
    index->value[i] = (double)column_first(call->params, w.element[best].tap);
    index->slack[i] = index_is_free(call, &w, best) ? all : 0;
    i++;
  } while (oracle_next_index(at, value->dims, 4));
}

/* What each of the terms of a sum adds to its rounding, which shows where the terms cancel out. Kernels add up to
 * seven rows to a running sum, so it grows with the number of terms. */
static double rounding_of(double terms) { return fmax(0x1p-21, terms * 0x1p-27); }

void oracle_global_avg_pool(const oracle_call *call) {
  const oracle_tensor *x = &call->in[0];
  const size_t pixels = x->dims[1] * x->dims[2], channels = x->dims[3];
  const double rounding = x->dtype == EW_F32 ? rounding_of((double)pixels) : 0;
  for (size_t i = 0; i < call->out->count; i++) {
    double total = 0, slack = 0;
    for (size_t pixel = 0; pixel < pixels; pixel++) {
      const size_t at = (i / channels * pixels + pixel) * channels + i % channels;
      total += x->value[at];
      slack += x->slack[at] + fabs(x->value[at]) * rounding;
    }
    call->out->value[i] = total / (double)pixels;
    call->out->slack[i] = slack / (double)pixels;
  }
  oracle_clamp(call);
  oracle_settle(call->out, ORACLE_ROUNDED);
}

/* The input index along a dimension that is not reduced comes from the output's; reduced ones run. */
static size_t index_of(const oracle_tensor *x, const size_t *at) {
  size_t index = 0;
  for (uint32_t d = 0; d < x->rank; d++) index = index * x->dims[d] + at[d];
  return index;
}

static bool is_axis(const ew_params *p, uint32_t dim) {
  for (uint32_t i = 0; i < p->rank; i++) {
    if (p->shape[i] == dim) return true;
  }
  return false;
}

void oracle_reduce(const oracle_call *call) {
  const oracle_tensor *x = &call->in[0];
  oracle_tensor *out = call->out;
  const double rounding = rounding_of((double)x->count / (double)out->count);
  size_t at[EW_MAX_RANK] = {0};
  for (size_t i = 0; i < out->count; i++) out->value[i] = out->slack[i] = 0;
  do {
    size_t to = 0;
    for (uint32_t d = 0; d < x->rank; d++) {
      if (!is_axis(call->params, d)) to = to * x->dims[d] + at[d];
    }
    const size_t from = index_of(x, at);
    out->value[to] += x->value[from];
    out->slack[to] += x->slack[from] + fabs(x->value[from]) * rounding;
  } while (oracle_next_index(at, x->dims, x->rank));
  const double share = call->op == EW_OP_REDUCE_MEAN ? (double)out->count / (double)x->count : 1;
  for (size_t i = 0; i < out->count; i++) {
    out->value[i] *= share;
    out->slack[i] *= share;
  }
  oracle_clamp(call);
  oracle_settle(out, ORACLE_ROUNDED);
}

/* Where output position i lies among in pixels, when out pixels span them. */
static double position(const ew_params *p, size_t i, size_t in, size_t out) {
  if (p->align_corners) return out == 1 ? 0 : (double)i * (double)(in - 1) / (double)(out - 1);
  const double scale = (double)in / (double)out;
  const double centre = p->top_left ? (double)i * scale : ((double)i + 0.5) * scale - 0.5;
  return fmin(fmax(centre, 0), (double)(in - 1));
}

void oracle_resize_bilinear(const oracle_call *call) {
  const oracle_tensor *x = &call->in[0];
  oracle_tensor *out = call->out;
  size_t at[4] = {0}, i = 0;
  do {
    const double y = position(call->params, at[1], x->dims[1], out->dims[1]);
    const double column = position(call->params, at[2], x->dims[2], out->dims[2]);
    const size_t top = (size_t)y, left = (size_t)column;
    double total = 0, slack = 0, low = INFINITY, high = -INFINITY;
    for (size_t corner = 0; corner < 4; corner++) {
      const double weight_y = corner / 2 ? y - (double)top : 1 - (y - (double)top);
      const double weight_x = corner % 2 ? column - (double)left : 1 - (column - (double)left);
      if (weight_y * weight_x == 0) continue;
      const size_t from =
          ((at[0] * x->dims[1] + top + corner / 2) * x->dims[2] + left + corner % 2) * x->dims[3] +
          at[3];
      total += weight_y * weight_x * x->value[from];
      slack += weight_y * weight_x * x->slack[from];
      low = fmin(low, x->value[from]);
      high = fmax(high, x->value[from]);
    }
    out->value[i] = total;
    /* Positions are f32 numbers up to the picture's size. */
    const double misplaced = (double)(x->dims[1] + x->dims[2]) * 0x1p-23;
    out->slack[i++] = slack + (high - low) * misplaced;
  } while (oracle_next_index(at, out->dims, 4));
  oracle_settle(out, ORACLE_ROUNDED);
}
