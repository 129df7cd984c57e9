/* Growing a random graph; see random_graph.h. */
#include "oracle/random_graph.h"

#include <math.h>
#include <string.h>

#include "graph/segment.h"
#include "graph/shapes.h"
#include "oracle/maker.h"

/* --- values -------------------------------------------------------------------------------------- */

void random_graph_fill(oracle_tensor *input, random_state *random) {
  const double low = input->dtype == EW_F32 ? -2 : -INFINITY;
  for (size_t i = 0; i < input->count; i++) {
    input->slack[i] = 0;
    if (isfinite(low)) {
      input->value[i] = (float)random_real(random, low, 2);
    } else {
      const double first = input->dtype == EW_I8 ? INT8_MIN : 0;
      const double code = first + random_range(random, 0, 255);
      input->value[i] = (code - input->quant.zero_point) * input->quant.scale[0];
    }
  }
}

static ew_status add_value(maker *m, const ew_value *value, uint32_t *out_id) {
  EW_CHECK(m->g->graph.num_values < RANDOM_MAX_VALUES, m->err, EW_OUT_OF_RESOURCES,
           "too many values");
  return ew_graph_add_value(&m->g->graph, value, out_id, m->err);
}

ew_status maker_quantise(maker *m, ew_value *value, ew_dtype dtype, double scale,
                         int32_t zero_point) {
  float *copy = NULL;
  value->dtype = dtype;
  if (dtype == EW_F32) return EW_OK;
  EW_TRY(ew_arena_alloc(&m->g->arena, 1, sizeof *copy, &copy, m->err));
  *copy = (float)scale;
  value->quant = (ew_quant){.kind = EW_QUANT_TENSOR,
                            .zero_point = zero_point,
                            .count = 1,
                            .scale = copy,
                            .scale_constant = EW_NONE};
  return EW_OK;
}

static int32_t random_zero_point(maker *m, ew_dtype dtype) {
  const int32_t low = dtype == EW_I8 ? INT8_MIN : 0;
  const int32_t edges[3] = {low, low + 128, low + 255};
  if (random_chance(&m->random, 30)) return edges[random_range(&m->random, 0, 2)];
  return low + (int32_t)random_range(&m->random, 0, 255);
}

ew_status maker_input(maker *m, ew_dtype dtype, uint32_t rank, const size_t *dims,
                      uint32_t *out_id) {
  *out_id = EW_NONE;
  if (m->g->num_inputs == RANDOM_MAX_INPUTS) return EW_OK;
  ew_value value = ew_value_default(dtype);
  value.rank = rank;
  memcpy(value.dims, dims, rank * sizeof *dims);
  EW_TRY(maker_quantise(m, &value, dtype, random_real(&m->random, 0.004, 0.05),
                        random_zero_point(m, dtype)));
  if (m->g->is_dynamic) value.flags |= EW_VALUE_DYNAMIC;
  EW_TRY(add_value(m, &value, out_id));
  oracle_tensor *tensor = &m->g->tensors[*out_id];
  EW_TRY(oracle_tensor_init(tensor, &value, dims, &m->g->arena, m->err));
  random_graph_fill(tensor, &m->random);
  m->g->inputs[m->g->num_inputs++] = *out_id;
  return EW_OK;
}

ew_status maker_constant(maker *m, ew_value *value, const void *bytes, size_t size,
                         const void *scales, size_t scales_size, uint32_t *out_id) {
  ew_graph *graph = &m->g->graph;
  EW_TRY(ew_graph_add_constant(graph, m->next_offset, size, &value->constant, m->err));
  m->g->constants[value->constant] = bytes;
  m->next_offset += size;
  if (scales != NULL && random_chance(&m->random, 50) && value->quant.kind != EW_QUANT_BLOCK) {
    value->quant.scale = scales;
    value->quant.scale_constant = EW_NONE;
  } else if (scales != NULL) {
    EW_TRY(ew_graph_add_constant(graph, m->next_offset, scales_size, &value->quant.scale_constant,
                                 m->err));
    m->g->constants[value->quant.scale_constant] = scales;
    m->next_offset += scales_size;
  }
  EW_TRY(add_value(m, value, out_id));
  oracle_tensor *tensor = &m->g->tensors[*out_id];
  EW_TRY(oracle_tensor_init(tensor, value, value->dims, &m->g->arena, m->err));
  return oracle_tensor_load(tensor, bytes, scales, &m->g->arena, m->err);
}

ew_status maker_plain_constant(maker *m, ew_dtype dtype, uint32_t rank, const size_t *dims,
                               double low, double high, uint32_t *out_id) {
  ew_value value = ew_value_default(dtype);
  value.rank = rank;
  memcpy(value.dims, dims, rank * sizeof *dims);
  const bool is_unsigned = dtype == EW_U8;
  const double scale = (high - low) / 255;
  EW_TRY(maker_quantise(
      m, &value, dtype, scale,
      (int32_t)fmin(fmax(rint(-low / scale) - (is_unsigned ? 0 : 128), is_unsigned ? 0 : INT8_MIN),
                    is_unsigned ? UINT8_MAX : INT8_MAX)));
  oracle_tensor numbers;
  EW_TRY(oracle_tensor_init(&numbers, &value, dims, &m->g->arena, m->err));
  for (size_t i = 0; i < numbers.count; i++) {
    numbers.value[i] = random_real(&m->random, low, high);
  }
  oracle_settle(&numbers, ORACLE_ROUNDED);
  void *bytes = NULL;
  const size_t size = numbers.count * ew_dtype_size(dtype);
  EW_TRY(ew_arena_alloc(&m->g->arena, size, 1, &bytes, m->err));
  oracle_tensor_store(&numbers, bytes);
  return maker_constant(m, &value, bytes, size, NULL, 0, out_id);
}

/* --- nodes --------------------------------------------------------------------------------------- */

maker_op maker_op_of(ew_op op) {
  maker_op result = {.op = op, .dtype = EW_F32, .same_quant = EW_NONE};
  result.params.output_min = -INFINITY;
  result.params.output_max = INFINITY;
  for (uint32_t i = 0; i < 5; i++) result.in[i] = EW_NONE;
  return result;
}

const oracle_tensor *maker_tensor(const maker *m, uint32_t value) { return &m->g->tensors[value]; }

static ew_status evaluate(maker *m, const maker_op *op, oracle_tensor *out) {
  oracle_tensor in[5] = {{0}};
  for (uint32_t i = 0; i < op->num_in; i++) {
    if (op->in[i] != EW_NONE) in[i] = *maker_tensor(m, op->in[i]);
  }
  return oracle_run(
      &(oracle_call){
          .op = op->op, .params = &op->params, .num_inputs = op->num_in, .in = in, .out = out},
      m->err);
}

double maker_scale(const maker *m, uint32_t value) {
  const oracle_tensor *tensor = value == EW_NONE ? NULL : maker_tensor(m, value);
  return tensor != NULL && tensor->quant.kind == EW_QUANT_TENSOR ? tensor->quant.scale[0] : 0;
}

/* The output scales that XNNPACK's fixed-point factors allow, as a range. */
static void scale_limits(const maker *m, const maker_op *op, double *low, double *high) {
  const double a = maker_scale(m, op->in[0]), b = maker_scale(m, op->in[1]);
  *low = 1e-6;
  *high = 1e6;
  if (a == 0) return;
  switch (op->op) {
    case EW_OP_ADD:
    case EW_OP_SUBTRACT:
      *low = fmax(a, b) / 255;
      *high = fmin(a, b) * 1023;
      break;
    case EW_OP_MULTIPLY:
      *low = a * b / 255;
      *high = a * b * 65535;
      break;
    case EW_OP_CONVERT:
    case EW_OP_GLOBAL_AVG_POOL_2D:
    case EW_OP_REDUCE_MEAN:
    case EW_OP_REDUCE_SUM:
      *low = a / 127;
      *high = a * 255;
      break;
    case EW_OP_LEAKY_RELU:
      *low = a * fmax(1, fabs((double)op->params.alpha)) / 127;
      *high = a * fmin(1, fabs((double)op->params.alpha)) * 255;
      break;
    default:
      break;
  }
}

/* The range of the results before they are rounded; false when they are of no use. */
static bool range_of(const oracle_tensor *tensor, double *low, double *high) {
  *low = INFINITY;
  *high = -INFINITY;
  for (size_t i = 0; i < tensor->count; i++) {
    if (!isfinite(tensor->value[i]) || fabs(tensor->value[i]) > 1e6) return false;
    *low = fmin(*low, tensor->value[i]);
    *high = fmax(*high, tensor->value[i]);
  }
  return true;
}

/* A scale and zero point that hold the range, or nearly: a few results may saturate. */
static ew_status choose_quant(maker *m, const maker_op *op, double low, double high,
                              ew_value *value, bool *out_ok) {
  double least = 0, most = 0;
  scale_limits(m, op, &least, &most);
  low = fmin(low, 0);
  high = fmax(high, 0);
  double scale = low == high ? 0.1 : (high - low) / 255 * random_real(&m->random, 0.8, 1.3);
  *out_ok = least <= most;
  scale = fmin(fmax(scale, least), most);
  const double first = op->dtype == EW_I8 ? INT8_MIN : 0;
  const double zero = fmin(fmax(rint(first - low / scale), first), first + 255);
  return maker_quantise(m, value, op->dtype, scale, (int32_t)zero);
}

static double code_of(const ew_value *value, double x) {
  const double first = value->dtype == EW_I8 ? INT8_MIN : 0;
  const double code = rint(x / value->quant.scale[0]) + value->quant.zero_point;
  return fmin(fmax(code, first), first + 255);
}

/* A fused activation: ReLU, ReLU6 or any part of the range. Left out where its ends would be one code. */
static void choose_activation(maker *m, maker_op *op, const ew_value *value, double low,
                              double high) {
  ew_params *p = &op->params;
  if (!op->may_clamp || !random_chance(&m->random, 30) || low >= high) return;
  const uint32_t kind = random_range(&m->random, 0, 2);
  const double least = kind == 2 ? low + (high - low) * random_real(&m->random, 0.05, 0.4) : 0;
  const double most = kind == 0   ? INFINITY
                      : kind == 1 ? 6
                                  : low + (high - low) * random_real(&m->random, 0.6, 0.95);
  if (value->dtype != EW_F32 && code_of(value, least) >= code_of(value, most)) return;
  p->output_min = (float)least;
  p->output_max = (float)most;
}

static ew_status append_node(maker *m, const maker_op *op, const uint32_t *outputs,
                             uint32_t num_outputs) {
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(&m->g->graph, op->op, op->num_in, num_outputs, 0, &node, m->err));
  memcpy(node->inputs, op->in, op->num_in * sizeof *op->in);
  memcpy(node->outputs, outputs, num_outputs * sizeof *outputs);
  *node->params = op->params;
  for (uint32_t i = 0; i < op->num_in; i++) {
    if (op->in[i] != EW_NONE) m->g->reads[op->in[i]]++;
  }
  return ew_segment_add_node(&m->g->graph, m->segment, m->g->graph.num_nodes - 1, m->err);
}

static ew_value output_value(const maker *m, const maker_op *op) {
  ew_value value = ew_value_default(op->dtype);
  value.rank = op->rank;
  memcpy(value.dims, op->dims, op->rank * sizeof *op->dims);
  if (m->g->is_dynamic) value.flags |= EW_VALUE_DYNAMIC;
  return value;
}

static void offer(maker *m, uint32_t value) { m->pool[m->pool_size++] = value; }

ew_status maker_add(maker *m, maker_op *op, uint32_t *out_id) {
  *out_id = EW_NONE;
  ew_value value = output_value(m, op);
  ew_value real = value;
  real.dtype = EW_F32;
  oracle_tensor numbers;
  double low = 0, high = 0;
  bool ok = true;
  EW_TRY(oracle_tensor_init(&numbers, &real, op->dims, &m->g->arena, m->err));
  EW_TRY(evaluate(m, op, &numbers));
  if (!range_of(&numbers, &low, &high)) return EW_OK;
  if (op->dtype == EW_QD8) {
    value.quant = (ew_quant){
        .kind = EW_QUANT_TOKEN, .num_nonbatch_dims = op->nonbatch, .scale_constant = EW_NONE};
  } else if (op->same_quant != EW_NONE) {
    value.quant = m->g->graph.values[op->same_quant].quant;
  } else if (op->dtype != EW_F32) {
    EW_TRY(choose_quant(m, op, low, high, &value, &ok));
    if (!ok) return EW_OK;
  }
  choose_activation(m, op, &value, low, high);
  EW_TRY(add_value(m, &value, out_id));
  oracle_tensor *tensor = &m->g->tensors[*out_id];
  EW_TRY(oracle_tensor_init(tensor, &value, op->dims, &m->g->arena, m->err));
  for (size_t i = 0; i < tensor->count; i++) {
    tensor->value[i] =
        fmin(fmax(numbers.value[i], (double)op->params.output_min), (double)op->params.output_max);
  }
  oracle_settle(tensor, op->same_quant == EW_NONE ? ORACLE_ROUNDED : ORACLE_EXACT);
  /* The next node's numbers start from these as they are. */
  memset(tensor->slack, 0, tensor->count * sizeof *tensor->slack);
  EW_TRY(append_node(m, op, out_id, 1));
  if (op->dtype != EW_QD8) offer(m, *out_id);
  return EW_OK;
}

ew_status maker_add_argmax(maker *m, maker_op *op) {
  const ew_value value = output_value(m, op);
  ew_value index = value;
  index.dtype = EW_I32;
  uint32_t ids[2] = {0};
  oracle_tensor out[2];
  EW_TRY(add_value(m, &value, &ids[0]));
  EW_TRY(add_value(m, &index, &ids[1]));
  EW_TRY(oracle_tensor_init(&out[0], &value, op->dims, &m->g->arena, m->err));
  EW_TRY(oracle_tensor_init(&out[1], &index, op->dims, &m->g->arena, m->err));
  EW_TRY(evaluate(m, op, out));
  m->g->tensors[ids[0]] = out[0];
  m->g->tensors[ids[1]] = out[1];
  EW_TRY(append_node(m, op, ids, 2));
  offer(m, ids[0]);
  return EW_OK;
}

static ew_status random_table(maker *m, const maker_op *op, const uint8_t **out) {
  const int32_t first = maker_tensor(m, op->in[0])->dtype == EW_I8 ? INT8_MIN : 0;
  uint8_t *table = NULL;
  EW_TRY(ew_arena_alloc(&m->g->arena, 256, 1, &table, m->err));
  int32_t byte = (int32_t)random_range(&m->random, 0, 255);
  for (int32_t i = 0; i < 256; i++) {
    byte += (int32_t)random_range(&m->random, 0, 6) - 3;
    byte = byte < 0 ? 0 : byte > 255 ? 255 : byte;
    table[(uint8_t)(first + i)] = (uint8_t)(op->dtype == EW_I8 ? byte - 128 : byte);
  }
  *out = table;
  return EW_OK;
}

ew_status maker_add_table(maker *m, maker_op *op) {
  ew_value value = output_value(m, op);
  EW_TRY(maker_quantise(m, &value, op->dtype, random_real(&m->random, 0.004, 0.05),
                        random_zero_point(m, op->dtype)));
  EW_TRY(random_table(m, op, &op->params.table));
  uint32_t id = EW_NONE;
  EW_TRY(add_value(m, &value, &id));
  oracle_tensor *tensor = &m->g->tensors[id];
  EW_TRY(oracle_tensor_init(tensor, &value, op->dims, &m->g->arena, m->err));
  EW_TRY(evaluate(m, op, tensor));
  EW_TRY(append_node(m, op, &id, 1));
  offer(m, id);
  return EW_OK;
}

/* --- operands ------------------------------------------------------------------------------------ */

static size_t random_size(maker *m, uint32_t rank, uint32_t dim) {
  if (random_chance(&m->random, 12)) return 1;
  if (rank == 4) {
    static const uint8_t channels[] = {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 24, 28, 32, 40};
    if (dim == 0) return random_chance(&m->random, 25) ? 2 : 1;
    if (dim == 3) return channels[random_range(&m->random, 0, sizeof channels - 1)];
    return random_range(&m->random, 1, random_chance(&m->random, 15) ? 20 : 10);
  }
  return random_range(&m->random, 1, dim + 1 == rank && rank <= 3 ? 40 : rank <= 3 ? 10 : 4);
}

static ew_status new_operand(maker *m, ew_dtype dtype, uint32_t rank, uint32_t *out_id) {
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < rank; i++) dims[i] = random_size(m, rank, i);
  /* Maps that are large enough for convolutions by Winograd's method. */
  if (rank == 4 && random_chance(&m->random, 15)) {
    dims[1] = random_range(&m->random, 7, 12);
    dims[2] = random_range(&m->random, 7, 12);
    dims[3] = random_range(&m->random, 6, 9) * 4;
  }
  EW_TRY(maker_input(m, dtype, rank, dims, out_id));
  if (*out_id != EW_NONE) offer(m, *out_id);
  return EW_OK;
}

ew_status maker_pick(maker *m, ew_dtype dtype, uint32_t rank, uint32_t *out_id) {
  uint32_t found[RANDOM_MAX_VALUES], count = 0;
  for (uint32_t i = 0; i < m->pool_size; i++) {
    const oracle_tensor *tensor = maker_tensor(m, m->pool[i]);
    if (tensor->dtype == dtype && (rank == MAKER_ANY_RANK || tensor->rank == rank)) {
      found[count++] = m->pool[i];
    }
  }
  /* The newest ones are the likeliest, so that graphs get deep. */
  if (count > 0 && !random_chance(&m->random, 8)) {
    const uint32_t back =
        random_chance(&m->random, 60) ? 0 : random_range(&m->random, 0, count - 1);
    *out_id = found[count - 1 - back];
    return EW_OK;
  }
  if (rank == MAKER_ANY_RANK) {
    rank = random_chance(&m->random, 50) ? 4 : random_range(&m->random, dtype == EW_F32 ? 0 : 1, 6);
  }
  return new_operand(m, dtype, rank, out_id);
}

ew_dtype maker_dtype(maker *m) {
  static const ew_dtype mixed[] = {EW_F32, EW_I8, EW_U8, EW_I8};
  if (m->flavour != EW_DTYPE_NONE && !random_chance(&m->random, 10)) return m->flavour;
  return mixed[random_range(&m->random, 0, 3)];
}

/* --- graphs -------------------------------------------------------------------------------------- */

static ew_status make(maker *m, uint32_t max_nodes) {
  static const ew_dtype flavours[] = {EW_F32, EW_F32, EW_F32, EW_I8, EW_I8, EW_U8, EW_DTYPE_NONE};
  m->flavour = flavours[random_range(&m->random, 0, 6)];
  m->g->is_dynamic = random_chance(&m->random, 20);
  EW_TRY(ew_graph_add_segment(&m->g->graph, &m->segment, m->err));
  /* Drawn for every value there may be, so that shorter graphs are beginnings of longer ones. */
  for (uint32_t i = 0; i < RANDOM_MAX_VALUES; i++) {
    m->g->leaves[i] = (uint8_t)random_range(&m->random, 0, 99);
  }
  for (uint32_t tries = 0, made = 0; made < max_nodes && tries < 200; tries++) {
    const uint32_t before = m->g->graph.num_nodes;
    EW_TRY(maker_step(m));
    made += m->g->graph.num_nodes > before;
    if (m->g->graph.num_values + 24 > RANDOM_MAX_VALUES) break;
  }
  return EW_OK;
}

ew_status random_graph_make(random_graph *g, uint64_t seed, uint32_t max_nodes, ew_error *err) {
  memset(g, 0, sizeof *g);
  ew_arena_init(&g->arena);
  ew_graph_init(&g->graph, &g->arena, "random");
  maker m = {.g = g, .random = random_seed(seed), .err = err};
  return make(&m, max_nodes);
}

/* --- copies -------------------------------------------------------------------------------------- */

static ew_status copy_node(ew_graph *graph, const ew_node *from, ew_error *err) {
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(graph, from->op, from->num_inputs, from->num_outputs, 0, &node, err));
  memcpy(node->inputs, from->inputs, from->num_inputs * sizeof *from->inputs);
  memcpy(node->outputs, from->outputs, from->num_outputs * sizeof *from->outputs);
  *node->params = *from->params;
  return ew_segment_add_node(graph, 0, graph->num_nodes - 1, err);
}

static ew_status copy_graph(ew_graph *graph, const ew_graph *from, ew_error *err) {
  uint32_t id = EW_NONE;
  EW_TRY(ew_graph_add_segment(graph, &id, err));
  for (uint32_t i = 0; i < from->num_constants; i++) {
    const ew_constant *constant = &from->constants[i];
    EW_TRY(ew_graph_add_constant(graph, constant->offset, constant->size, &id, err));
  }
  for (uint32_t i = 0; i < from->num_values; i++) {
    EW_TRY(ew_graph_add_value(graph, &from->values[i], &id, err));
  }
  for (uint32_t i = 0; i < from->num_nodes; i++) {
    EW_TRY(copy_node(graph, &from->nodes[i], err));
  }
  return EW_OK;
}

static void list_inputs(random_graph *g, ew_segment *segment) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < g->num_inputs; i++) {
    const uint32_t id = g->inputs[i];
    if (g->reads[id] == 0) continue;
    g->inputs[kept++] = segment->inputs[segment->num_inputs++] = id;
    g->graph.values[id].flags |= EW_VALUE_INPUT;
  }
  g->num_inputs = kept;
}

/* What nothing reads leaves, and a few of the others. */
static void list_outputs(const random_graph *g, ew_segment *segment, bool all_outputs) {
  for (uint32_t i = 0; i < g->graph.num_nodes; i++) {
    const ew_node *node = &g->graph.nodes[i];
    for (uint32_t k = 0; k < node->num_outputs; k++) {
      const uint32_t id = node->outputs[k];
      if (g->graph.values[id].dtype == EW_QD8) continue;
      if (g->reads[id] > 0 && !all_outputs && g->leaves[id] >= 15) continue;
      segment->outputs[segment->num_outputs++] = id;
    }
  }
}

ew_status random_graph_copy(random_graph *g, const random_graph *from, bool all_outputs,
                            ew_error *err) {
  *g = *from;
  ew_arena_init(&g->arena);
  ew_graph_init(&g->graph, &g->arena, "random");
  EW_TRY(copy_graph(&g->graph, &from->graph, err));
  ew_segment *segment = &g->graph.segments[0];
  EW_TRY(ew_arena_alloc(&g->arena, RANDOM_MAX_VALUES, sizeof(uint32_t), &segment->inputs, err));
  EW_TRY(ew_arena_alloc(&g->arena, RANDOM_MAX_VALUES, sizeof(uint32_t), &segment->outputs, err));
  list_inputs(g, segment);
  list_outputs(g, segment, all_outputs);
  return ew_graph_add_step(&g->graph, 0, EW_NONE, err);
}

/* --- other sizes --------------------------------------------------------------------------------- */

ew_status random_graph_shrink(random_graph *g, uint64_t seed, oracle_tensor *inputs,
                              bool *out_found, ew_error *err) {
  const ew_graph *graph = &g->graph;
  random_state random = random_seed(seed ^ 0xABCDEF);
  ew_shape *shapes = NULL;
  *out_found = false;
  if (!g->is_dynamic) return EW_OK;
  EW_TRY(ew_arena_alloc(&g->arena, graph->num_values, sizeof *shapes, &shapes, err));
  for (int tries = 0; tries < 8 && !*out_found; tries++) {
    const uint32_t dim = random_range(&random, 0, 3), less = random_range(&random, 1, 3);
    for (uint32_t i = 0; i < g->num_inputs; i++) {
      const uint32_t id = g->inputs[i];
      ew_value value = graph->values[id];
      size_t *size = &value.dims[dim];
      if (dim < value.rank) *size = *size > less ? *size - less : 1;
      EW_TRY(oracle_tensor_init(&inputs[id], &value, value.dims, &g->arena, err));
      random_graph_fill(&inputs[id], &random);
      shapes[id].rank = value.rank;
      memcpy(shapes[id].dims, value.dims, sizeof value.dims);
    }
    uint64_t work = 0;
    ew_error refusal;
    *out_found = ew_graph_derive_segment(graph, 0, shapes, EW_MAX_WORK, &work, &refusal) == EW_OK;
  }
  return EW_OK;
}

void random_graph_free(random_graph *g) {
  ew_graph_free(&g->graph);
  ew_arena_free(&g->arena);
}
