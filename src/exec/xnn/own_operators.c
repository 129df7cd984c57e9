/* The operators of own_operators.h: their kernels, and what XNNPACK finds when it asks for them. */
#include "exec/xnn/own_operators.h"

#include <math.h>
#include <string.h>

#include "base/simd.h"
#include "exec/xnn/internal.h"

/* --- SiLU ----------------------------------------------------------------------------------------- */

static size_t keep_factor(void *uparams, const union xnn_unary_params *params,
                          const struct xnn_quantization_params *in,
                          const struct xnn_quantization_params *out) {
  (void)in;
  (void)out;
  memcpy(uparams, params, sizeof(float));
  return sizeof(float);
}

static void run_silu(size_t count, const void *in, void *out, const void *uparams) {
  float factor = 0;
  memcpy(&factor, uparams, sizeof factor);
  ew_silu(in, factor, out, count / sizeof(float));
}

ew_status ew_lower_silu(ew_lowering *low, const ew_node *node) {
  const ew_graph *graph = low->graph;
  uint32_t in = 0, out = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &in));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  union xnn_unary_params params = {.elu = {.alpha = 1}};
  if (node->num_inputs > 1) {
    const uint32_t factor = graph->values[node->inputs[1]].constant;
    memcpy(&params.elu.alpha, graph->constants[factor].data, sizeof params.elu.alpha);
  }
  return ew_defined(low, node,
                    xnn_define_unary(low->subgraph, xnn_unary_invalid, &params, in, out, 0));
}

/* --- bytes and whole numbers ---------------------------------------------------------------------- */

typedef struct number_params {
  int32_t zero_point;
  float min, max; /* less the zero point */
} number_params;

static size_t keep_zero_point(void *uparams, const union xnn_unary_params *params,
                              const struct xnn_quantization_params *in,
                              const struct xnn_quantization_params *out) {
  (void)params;
  (void)out;
  const number_params own = {.zero_point = in->zero_point};
  memcpy(uparams, &own, sizeof own);
  return sizeof own;
}

static size_t keep_bounds(void *uparams, const union xnn_unary_params *params,
                          const struct xnn_quantization_params *in,
                          const struct xnn_quantization_params *out) {
  (void)in;
  const number_params own = {
      .zero_point = out->zero_point, .min = params->clamp.min, .max = params->clamp.max};
  memcpy(uparams, &own, sizeof own);
  return sizeof own;
}

static void from_bytes(size_t count, const void *in, void *out, const void *uparams) {
  number_params own;
  memcpy(&own, uparams, sizeof own);
  const int8_t *from = in;
  for (float *to = out; count > 0; count--) *to++ = (float)(*from++ - own.zero_point);
}

static void to_bytes(size_t count, const void *in, void *out, const void *uparams) {
  number_params own;
  memcpy(&own, uparams, sizeof own);
  const float *from = in;
  int8_t *to = out;
  for (size_t n = count / sizeof *from; n > 0; n--) {
    const float bounded = fminf(fmaxf(*from++, own.min), own.max);
    *to++ = (int8_t)((int32_t)nearbyintf(bounded) + own.zero_point);
  }
}

ew_status ew_define_from_bytes(ew_lowering *low, const ew_node *node, uint32_t in, uint32_t out) {
  const union xnn_unary_params params = {.clamp = {.min = 0, .max = 0}};
  return ew_defined(low, node,
                    xnn_define_unary(low->subgraph, xnn_unary_invalid, &params, in, out, 0));
}

ew_status ew_define_to_bytes(ew_lowering *low, const ew_node *node, uint32_t in, uint32_t out) {
  const ew_quant *quant = &low->graph->values[node->outputs[0]].quant;
  const int32_t min = ew_quantise_bound(node->params->output_min, quant);
  const int32_t max = ew_quantise_bound(node->params->output_max, quant);
  const union xnn_unary_params params = {
      .clamp = {.min = (float)(min - quant->zero_point), .max = (float)(max - quant->zero_point)}};
  return ew_defined(low, node,
                    xnn_define_unary(low->subgraph, xnn_unary_invalid, &params, in, out, 0));
}

/* --- by types ------------------------------------------------------------------------------------- */

typedef const struct xnn_unary_elementwise_config *unary_config_fn(enum xnn_unary_operator op,
                                                                   enum xnn_datatype in,
                                                                   enum xnn_datatype out);
unary_config_fn __real_xnn_init_unary_reference_config, __wrap_xnn_init_unary_reference_config;

const struct xnn_unary_elementwise_config *__wrap_xnn_init_unary_reference_config(
    enum xnn_unary_operator op, enum xnn_datatype in, enum xnn_datatype out) {
  static const struct xnn_unary_elementwise_config silu = {run_silu, keep_factor},
                                                   numbers = {from_bytes, keep_zero_point},
                                                   bytes = {to_bytes, keep_bounds};
  if (op != xnn_unary_invalid) return __real_xnn_init_unary_reference_config(op, in, out);
  if (in == xnn_datatype_fp32) return out == xnn_datatype_fp32 ? &silu : &bytes;
  return out == xnn_datatype_fp32 ? &numbers : &ew_xnn_table_config;
}

/* --- sum and ReLU --------------------------------------------------------------------------------- */

/* NaN stays NaN. */
static inline float relu(float x) { return x < 0 ? 0 : x; }

static void add_relu(size_t count, const void *a, const void *b, void *out, const void *uparams) {
  (void)uparams;
  const float *x = a, *y = b;
  float *to = out;
  const ew_f32x4 zero = ew_v4_splat(0);
  size_t n = count / sizeof(float);
  for (; n >= 8; n -= 8, x += 8, y += 8, to += 8) {
    const ew_f32x4 first = ew_v4_load(x) + ew_v4_load(y);
    const ew_f32x4 second = ew_v4_load(x + 4) + ew_v4_load(y + 4);
    ew_v4_store(to, ew_v4_max(first, zero));
    ew_v4_store(to + 4, ew_v4_max(second, zero));
  }
  for (; n > 0; n--) *to++ = relu(*x++ + *y++);
}

static void add_number_relu(size_t count, const void *a, const void *b, void *out,
                            const void *uparams) {
  (void)uparams;
  const float *x = a, number = *(const float *)b;
  float *to = out;
  size_t n = count / sizeof(float);
  for (; n >= 4; n -= 4, x += 4, to += 4) {
    ew_v4_store(to, ew_v4_max(ew_v4_load(x) + number, ew_v4_splat(0)));
  }
  for (; n > 0; n--) *to++ = relu(*x++ + number);
}

bool ew_xnn_is_add_relu(const ew_graph *graph, const ew_node *node) {
  return node->op == EW_OP_ADD && graph->values[node->outputs[0]].dtype == EW_F32 &&
         node->params->output_min == 0 && node->params->output_max == INFINITY;
}

typedef const struct xnn_binary_elementwise_config *binary_config_fn(enum xnn_binary_operator op,
                                                                     enum xnn_datatype type);
binary_config_fn __real_xnn_init_binary_reference_config, __wrap_xnn_init_binary_reference_config;

const struct xnn_binary_elementwise_config *__wrap_xnn_init_binary_reference_config(
    enum xnn_binary_operator op, enum xnn_datatype type) {
  static const struct xnn_binary_elementwise_config sum = {add_relu, add_number_relu,
                                                           add_number_relu, NULL, 8};
  return op == xnn_binary_invalid ? &sum : __real_xnn_init_binary_reference_config(op, type);
}
