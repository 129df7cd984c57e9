/* Convolutions in the layout of PyTorch, [N,C,H,W]: those that the exporter left to the kernels. */

#include "base/simd.h"
#include "kernels/support.h"

/* One or two spatial dimensions; one counts as a height of 1. */
typedef struct conv {
  size_t batch, in_channels, out_channels, groups;
  size_t in_size[2], out_size[2], kernel[2];
  size_t stride[2], padding[2], dilation[2], out_padding[2];
  bool transposed;
} conv;

static ew_status read_pair(const ew_call *call, uint32_t index, uint32_t spatial, size_t least,
                           size_t out[2]) {
  const int64_t *items = NULL;
  uint32_t count = 0;
  EW_TRY(ew_arg_ints(call, index, &items, &count));
  EW_KERNEL_CHECK(call, count == spatial || count == 1, EW_INVALID_PROGRAM,
                  "argument %u has %u sizes, expected %u", index, count, spatial);
  for (uint32_t i = 0; i < spatial; i++) {
    EW_TRY(ew_arg_size(call, items[count == 1 ? 0 : i], "a size", &out[2 - spatial + i]));
    EW_KERNEL_CHECK(call, out[2 - spatial + i] >= least, EW_INVALID_PROGRAM,
                    "argument %u: %zu is less than %zu", index, out[2 - spatial + i], least);
  }
  return EW_OK;
}

/* convolution(input, weight, bias?, stride, padding, dilation, transposed, output_padding, groups) */
static ew_status read_conv(const ew_call *call, conv *c) {
  const ew_tensor *in = &call->inputs[0], *weight = &call->inputs[1], *bias = &call->inputs[2];
  EW_KERNEL_CHECK(call, (in->rank == 3 || in->rank == 4) && weight->rank == in->rank,
                  EW_NOT_SUPPORTED, "input %s and weight %s: only 1-D and 2-D are supported",
                  ew_shape_of(in).text, ew_shape_of(weight).text);
  const uint32_t spatial = in->rank - 2;
  *c = (conv){.batch = in->dims[0],
              .in_channels = in->dims[1],
              .in_size = {1, 1},
              .kernel = {1, 1},
              .stride = {1, 1},
              .dilation = {1, 1}};
  for (uint32_t i = 0; i < spatial; i++) {
    c->in_size[2 - spatial + i] = in->dims[2 + i];
    c->kernel[2 - spatial + i] = weight->dims[2 + i];
  }
  int64_t groups = 0;
  EW_TRY(read_pair(call, 0, spatial, 1, c->stride));
  EW_TRY(read_pair(call, 1, spatial, 0, c->padding));
  EW_TRY(read_pair(call, 2, spatial, 1, c->dilation));
  EW_TRY(ew_arg_bool(call, 3, &c->transposed));
  EW_TRY(read_pair(call, 4, spatial, 0, c->out_padding));
  EW_TRY(ew_arg_int(call, 5, &groups));
  EW_TRY(ew_arg_size(call, groups, "groups", &c->groups));
  EW_KERNEL_CHECK(call, c->groups > 0 && c->in_channels % c->groups == 0, EW_INVALID_PROGRAM,
                  "%zu groups do not divide %zu channels", c->groups, c->in_channels);
  const size_t outer = weight->dims[0], inner = weight->dims[1];
  c->out_channels = c->transposed ? inner * c->groups : outer;
  const bool fits = c->transposed ? outer == c->in_channels
                                  : inner == c->in_channels / c->groups && outer % c->groups == 0;
  EW_KERNEL_CHECK(call, fits, EW_INVALID_PROGRAM, "weight %s does not fit input %s in %zu groups",
                  ew_shape_of(weight).text, ew_shape_of(in).text, c->groups);
  EW_KERNEL_CHECK(
      call, bias->dtype == EW_DTYPE_NONE || (bias->rank == 1 && bias->dims[0] == c->out_channels),
      EW_INVALID_PROGRAM, "bias %s for %zu channels", ew_shape_of(bias).text, c->out_channels);
  for (uint32_t i = 0; i < 2; i++) {
    const uint64_t window = (c->kernel[i] - (uint64_t)1) * c->dilation[i] + 1;
    const uint64_t around = 2 * (uint64_t)c->padding[i];
    uint64_t size = 0;
    EW_KERNEL_CHECK(call, c->kernel[i] > 0 && c->in_size[i] > 0, EW_INVALID_PROGRAM,
                    "an empty window or input %s", ew_shape_of(in).text);
    if (c->transposed) {
      const uint64_t full =
          (c->in_size[i] - (uint64_t)1) * c->stride[i] + window + c->out_padding[i];
      EW_KERNEL_CHECK(call, full > around, EW_INVALID_PROGRAM, "the padding leaves no output");
      size = full - around;
    } else {
      const uint64_t padded = c->in_size[i] + around;
      EW_KERNEL_CHECK(call, padded >= window, EW_INVALID_PROGRAM,
                      "a window of %llu for a padded input of %llu", (unsigned long long)window,
                      (unsigned long long)padded);
      size = (padded - window) / c->stride[i] + 1;
    }
    EW_TRY(ew_arg_size(call, (int64_t)size, "output size", &c->out_size[i]));
  }
  return EW_OK;
}

/* --- as a matrix product ---------------------------------------------------------------------------- */

/* Output positions of a tile, and output channels that are computed at once. */
enum { TILE = 8, ROWS = 4 };

/* Elements of a group's filter: what one output sums. */
static size_t filter_size(const conv *c) {
  return c->in_channels / c->groups * c->kernel[0] * c->kernel[1];
}

/* Short sums and few channels are not worth gathering for. */
static bool is_product(const conv *c) {
  return !c->transposed && filter_size(c) >= 16 && c->out_channels / c->groups >= ROWS;
}

/* Gathers what the filter meets at output positions [first, first + TILE) of a group's input planes: an
 * element per position, in the order of the filter's. */
static void gather_tile(const conv *c, const float *in, size_t first, float *to) {
  ptrdiff_t y0[TILE], x0[TILE];
  for (size_t j = 0; j < TILE; j++) {
    const size_t at = first + j, y = at / c->out_size[1], x = at % c->out_size[1];
    /* Positions behind the last one see padding only. */
    y0[j] = y < c->out_size[0] ? (ptrdiff_t)(y * c->stride[0]) - (ptrdiff_t)c->padding[0]
                               : PTRDIFF_MIN / 2;
    x0[j] = (ptrdiff_t)(x * c->stride[1]) - (ptrdiff_t)c->padding[1];
  }
  const ptrdiff_t height = (ptrdiff_t)c->in_size[0], width = (ptrdiff_t)c->in_size[1];
  for (size_t i = 0; i < c->in_channels / c->groups; i++, in += height * width) {
    for (size_t t = 0; t < c->kernel[0] * c->kernel[1]; t++, to += TILE) {
      const ptrdiff_t ky = (ptrdiff_t)(t / c->kernel[1] * c->dilation[0]);
      const ptrdiff_t kx = (ptrdiff_t)(t % c->kernel[1] * c->dilation[1]);
      for (size_t j = 0; j < TILE; j++) {
        const ptrdiff_t y = y0[j] + ky, x = x0[j] + kx;
        to[j] = y >= 0 && y < height && x >= 0 && x < width ? in[y * width + x] : 0;
      }
    }
  }
}

/* sums[r][j] = the filter of row r (n elements) times position j of the tile. */
static void multiply_tile(const float *const filters[ROWS], const float *tile, size_t n,
                          float sums[ROWS][TILE]) {
  ew_f32x4 sum[ROWS][2] = {{{0}}};
  for (size_t k = 0; k < n; k++, tile += TILE) {
    const ew_f32x4 a = ew_v4_load(tile), b = ew_v4_load(tile + 4);
    for (int r = 0; r < ROWS; r++) {
      const ew_f32x4 weight = ew_v4_splat(filters[r][k]);
      sum[r][0] += a * weight;
      sum[r][1] += b * weight;
    }
  }
  for (int r = 0; r < ROWS; r++) {
    ew_v4_store(sums[r], sum[r][0]);
    ew_v4_store(sums[r] + 4, sum[r][1]);
  }
}

/* One group of one picture. bias: NULL, or of the group's output channels. */
static void convolve_group(const conv *c, const float *in, const float *weight, const float *bias,
                           float *out, float *tile) {
  const size_t positions = c->out_size[0] * c->out_size[1], n = filter_size(c);
  const size_t channels = c->out_channels / c->groups;
  for (size_t first = 0; first < positions; first += TILE) {
    const size_t count = positions - first < TILE ? positions - first : TILE;
    gather_tile(c, in, first, tile);
    for (size_t o = 0; o < channels; o += ROWS) {
      const size_t rows = channels - o < ROWS ? channels - o : ROWS;
      const float *filters[ROWS];
      float sums[ROWS][TILE];
      for (size_t r = 0; r < ROWS; r++) filters[r] = weight + (o + (r < rows ? r : 0)) * n;
      multiply_tile(filters, tile, n, sums);
      for (size_t r = 0; r < rows; r++) {
        const float start = bias == NULL ? 0 : bias[o + r];
        for (size_t j = 0; j < count; j++) {
          out[(o + r) * positions + first + j] = start + sums[r][j];
        }
      }
    }
  }
}

static void run_product(const ew_call *call, const conv *c) {
  const ew_tensor *bias = &call->inputs[2];
  const size_t in_size = c->in_channels / c->groups * c->in_size[0] * c->in_size[1];
  const size_t channels = c->out_channels / c->groups;
  const size_t out_size = channels * c->out_size[0] * c->out_size[1];
  for (size_t k = 0; k < c->batch * c->groups; k++) {
    const size_t group = k % c->groups;
    convolve_group(
        c, (const float *)call->inputs[0].data + k * in_size,
        (const float *)call->inputs[1].data + group * channels * filter_size(c),
        bias->dtype == EW_DTYPE_NONE ? NULL : (const float *)bias->data + group * channels,
        (float *)call->outputs[0].data + k * out_size, call->scratch);
  }
}

/* --- the kernel ------------------------------------------------------------------------------------- */

ew_status ew_prepare_convolution(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_f32(call));
  conv c;
  EW_TRY(read_conv(call, &c));
  size_t dims[4] = {c.batch, c.out_channels, c.out_size[0], c.out_size[1]};
  const uint32_t rank = call->inputs[0].rank;
  if (rank == 3) dims[2] = dims[3];
  EW_TRY(ew_set_shape(call, 0, rank, dims));
  if (is_product(&c)) EW_TRY(ew_need_scratch(call, filter_size(&c), TILE * sizeof(float)));
  const size_t positions = c.transposed ? c.in_size[0] * c.in_size[1] * c.batch
                                        : c.out_size[0] * c.out_size[1] * c.batch;
  return ew_count_work(call, positions, c.kernel[0] * c.kernel[1],
                       c.in_channels / c.groups * c.out_channels);
}

/* Columns of the small side whose partner at * stride + shift on the large side lies in [0, limit). */
static void live_range(size_t count, size_t limit, size_t stride, ptrdiff_t shift, size_t *first,
                       size_t *end) {
  *first = 0;
  while (*first < count && (ptrdiff_t)(*first * stride) + shift < 0) ++*first;
  *end = *first;
  while (*end < count && (ptrdiff_t)(*end * stride) + shift < (ptrdiff_t)limit) ++*end;
}

/* One tap of one pair of planes: small[y][x] and large[y * stride + shift][x * stride + shift] meet. */
static void apply_tap(const conv *c, const float *in, float *out, float weight, size_t ky,
                      size_t kx) {
  const size_t *small = c->transposed ? c->in_size : c->out_size;
  const size_t *large = c->transposed ? c->out_size : c->in_size;
  const ptrdiff_t shift_y = (ptrdiff_t)(ky * c->dilation[0]) - (ptrdiff_t)c->padding[0];
  const ptrdiff_t shift_x = (ptrdiff_t)(kx * c->dilation[1]) - (ptrdiff_t)c->padding[1];
  size_t y = 0, y_end = 0, first = 0, end = 0;
  live_range(small[0], large[0], c->stride[0], shift_y, &y, &y_end);
  live_range(small[1], large[1], c->stride[1], shift_x, &first, &end);
  const size_t step = c->stride[1], n = end - first;
  if (n == 0) return;
  for (; y < y_end; y++) {
    const size_t row = (size_t)((ptrdiff_t)(y * c->stride[0]) + shift_y) * large[1];
    const size_t at = row + (size_t)((ptrdiff_t)(first * step) + shift_x);
    const size_t other = y * small[1] + first;
    if (c->transposed) {
      for (size_t x = 0; x < n; x++) out[at + x * step] += in[other + x] * weight;
    } else if (step == 1) {
      ew_add_scaled(out + other, in + at, weight, n);
    } else {
      for (size_t x = 0; x < n; x++) out[other + x] += in[at + x * step] * weight;
    }
  }
}

ew_status ew_run_convolution(ew_call *call) {
  conv c;
  EW_TRY(read_conv(call, &c));
  if (is_product(&c)) {
    run_product(call, &c);
    return EW_OK;
  }
  const ew_tensor *bias = &call->inputs[2];
  const size_t in_plane = c.in_size[0] * c.in_size[1], out_plane = c.out_size[0] * c.out_size[1];
  const size_t in_group = c.in_channels / c.groups, out_group = c.out_channels / c.groups;
  const size_t taps = c.kernel[0] * c.kernel[1];
  for (size_t k = 0; k < c.batch * c.out_channels; k++) {
    const size_t n = k / c.out_channels, o = k % c.out_channels, group = o / out_group;
    float *out = (float *)call->outputs[0].data + k * out_plane;
    const float start = bias->dtype == EW_DTYPE_NONE ? 0 : ((const float *)bias->data)[o];
    for (size_t i = 0; i < out_plane; i++) out[i] = start;
    for (size_t i = 0; i < in_group; i++) {
      const size_t channel = group * in_group + i;
      const float *in =
          (const float *)call->inputs[0].data + (n * c.in_channels + channel) * in_plane;
      const size_t filter = c.transposed ? channel * out_group + o % out_group : o * in_group + i;
      const float *weight = (const float *)call->inputs[1].data + filter * taps;
      for (size_t t = 0; t < taps; t++) {
        apply_tap(&c, in, out, weight[t], t / c.kernel[1], t % c.kernel[1]);
      }
    }
  }
  return EW_OK;
}
