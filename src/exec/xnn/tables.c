/* Chains of elementwise operators between 8-bit tensors as tables.
 *
 * Exported models compute a SiLU of bytes as convert, sigmoid, multiply, convert: a function of one byte. XNNPACK's
 * own operators compute it for all 256, so the results are those of the chain to the bit.
 *
 * XNNPACK runs 8-bit operators without a kernel by such tables, too, which it fills by the operator's "reference
 * configuration". That of ours (own_operators.h) copies the table. */
#include <math.h>
#include <string.h>

#include "exec/xnn/internal.h"
#include "exec/xnn/own_operators.h"
#include "graph/segment.h"

enum { MAX_NODES = 8, MAX_DISTANCE = 64, BYTES = 256, SLACK = 16 };

/* --- lowering --------------------------------------------------------------------------------------- */

static size_t keep_address(void *uparams, const union xnn_unary_params *params,
                           const struct xnn_quantization_params *in,
                           const struct xnn_quantization_params *out) {
  (void)in;
  (void)out;
  memcpy(uparams, params, sizeof(const uint8_t *));
  return sizeof(const uint8_t *);
}

/* For all 256 at once, when the operator is made (lookup.c: how it runs). */
static void look_up(size_t count, const void *in, void *out, const void *uparams) {
  const uint8_t *table = NULL, *from = in;
  memcpy(&table, uparams, sizeof table);
  for (uint8_t *to = out; count > 0; count--) *to++ = table[*from++];
}

const struct xnn_unary_elementwise_config ew_xnn_table_config = {look_up, keep_address};

ew_status ew_lower_table(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &in));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  union xnn_unary_params params = {.clamp = {.min = 0, .max = 0}};
  _Static_assert(sizeof params >= sizeof node->params->table, "an address must fit");
  memcpy(&params, &node->params->table, sizeof node->params->table);
  return ew_defined(low, node,
                    xnn_define_unary(low->subgraph, xnn_unary_invalid, &params, in, out, 0));
}

/* --- chains ----------------------------------------------------------------------------------------- */

/* Nodes of a segment, by their place in it, ascending; the last one writes what comes out. */
typedef struct chain {
  uint32_t places[MAX_NODES], count;
  uint32_t source; /* the value that goes in */
} chain;

static bool is_byte(const ew_graph *graph, uint32_t id) {
  const ew_value *value = &graph->values[id];
  return (value->dtype == EW_I8 || value->dtype == EW_U8) && value->quant.kind == EW_QUANT_TENSOR &&
         value->quant.scale != NULL;
}

static bool is_elementwise(const ew_graph *graph, const ew_node *node) {
  union xnn_unary_params params;
  const uint32_t out = node->outputs == NULL ? EW_NONE : node->outputs[0];
  if (out == EW_NONE || (graph->values[out].dtype != EW_F32 && !is_byte(graph, out))) return false;
  if (node->num_inputs == 1) return ew_xnn_unary(node, &params) != xnn_unary_invalid;
  return node->num_inputs == 2 && ew_xnn_binary(node->op) != xnn_binary_invalid &&
         node->op != EW_OP_PRELU && node->params->output_min == -INFINITY &&
         node->params->output_max == INFINITY;
}

static bool has(const chain *c, uint32_t place) {
  for (uint32_t i = 0; i < c->count; i++) {
    if (c->places[i] == place) return true;
  }
  return false;
}

/* Nobody outside of the chain may read what is computed within. */
static bool is_inner(const ew_graph *graph, uint32_t segment, const chain *c, uint32_t value) {
  uint32_t uses = 0;
  for (uint32_t i = 0; i < c->count; i++) {
    const ew_node *node = ew_segment_node(graph, segment, c->places[i]);
    for (uint32_t k = 0; k < node->num_inputs; k++) uses += node->inputs[k] == value;
  }
  return uses == ew_segment_count_uses(graph, segment, value);
}

static void insert(chain *c, uint32_t place) {
  uint32_t at = c->count++;
  for (; at > 0 && c->places[at - 1] > place; at--) c->places[at] = c->places[at - 1];
  c->places[at] = place;
}

/* The place of the node that writes a value, not far before `end`; EW_NONE: none. */
static uint32_t writer_of(const ew_graph *graph, uint32_t segment, uint32_t end, uint32_t value) {
  const uint32_t first = end < MAX_DISTANCE ? 0 : end - MAX_DISTANCE;
  while (end-- > first) {
    const ew_node *node = ew_segment_node(graph, segment, end);
    if (node->num_outputs == 1 && node->outputs[0] == value) return end;
  }
  return EW_NONE;
}

/* What the chain reads and does not write: *out_count different values, and the one that is written last. */
static uint32_t last_outer(const ew_graph *graph, uint32_t segment, const chain *c,
                           uint32_t *out_count, uint32_t *out_value) {
  uint32_t found[2 * MAX_NODES], count = 0, latest = EW_NONE;
  for (uint32_t i = 0; i < c->count; i++) {
    const ew_node *node = ew_segment_node(graph, segment, c->places[i]);
    for (uint32_t k = 0; k < node->num_inputs; k++) {
      const uint32_t value = node->inputs[k];
      const uint32_t writer = writer_of(graph, segment, c->places[i], value);
      bool known = writer != EW_NONE && has(c, writer);
      for (uint32_t f = 0; f < count; f++) known = known || found[f] == value;
      if (known) continue;
      found[count++] = value;
      if (latest == EW_NONE || (writer != EW_NONE && writer > latest)) {
        latest = writer;
        *out_value = value;
      }
    }
  }
  *out_count = count;
  return latest;
}

/* Goes back from node number n until all depends on one 8-bit tensor alone. */
static bool find_chain(const ew_graph *graph, uint32_t segment, uint32_t n, chain *c) {
  *c = (chain){.places = {n}, .count = 1};
  const ew_node *last = ew_segment_node(graph, segment, n);
  if (!is_byte(graph, last->outputs[0]) || !is_elementwise(graph, last)) return false;
  while (c->count < MAX_NODES) {
    uint32_t outer = 0, value = EW_NONE;
    const uint32_t writer = last_outer(graph, segment, c, &outer, &value);
    if (outer == 1 && is_byte(graph, value) && graph->values[value].constant == EW_NONE) {
      c->source = value;
      return c->count > 1;
    }
    if (writer == EW_NONE || !is_inner(graph, segment, c, value) ||
        !is_elementwise(graph, ew_segment_node(graph, segment, writer))) {
      return false;
    }
    insert(c, writer);
  }
  return false;
}

/* --- filling in ------------------------------------------------------------------------------------- */

/* What each value of a chain is for all bytes; number 0 is the source. */
typedef struct bench {
  uint32_t values[MAX_NODES + 1], count;
  float results[MAX_NODES + 1][BYTES + SLACK]; /* or bytes */
} bench;

static const void *result_of(const bench *b, uint32_t value) {
  for (uint32_t i = 0; i < b->count; i++) {
    if (b->values[i] == value) return b->results[i];
  }
  return NULL;
}

static struct xnn_quantization_params quantisation(const ew_value *value) {
  struct xnn_quantization_params params = {.zero_point = value->quant.zero_point};
  if (value->quant.scale != NULL) params.scale = value->quant.scale[0];
  return params;
}

static enum xnn_status run_node(bench *b, const ew_graph *graph, const ew_node *node) {
  const ew_value *x = &graph->values[node->inputs[0]], *y = &graph->values[node->outputs[0]];
  const struct xnn_quantization_params in = quantisation(x), out = quantisation(y);
  const void *from = result_of(b, node->inputs[0]);
  void *to = b->results[b->count];
  b->values[b->count++] = node->outputs[0];
  if (node->num_inputs == 1) {
    union xnn_unary_params params;
    const enum xnn_unary_operator op = ew_xnn_unary(node, &params);
    return xnn_run_unary_elementwise_nc(op, ew_xnn_datatype(x), ew_xnn_datatype(y), &params, &in,
                                        &out, 0, 1, BYTES, BYTES, BYTES, NULL, from, to);
  }
  const struct xnn_quantization_params other = quantisation(&graph->values[node->inputs[1]]);
  const size_t shape[1] = {BYTES};
  return xnn_run_binary_elementwise_nd(ew_xnn_binary(node->op), ew_xnn_datatype(y), &in, &other,
                                       &out, 0, 1, shape, 1, shape, from,
                                       result_of(b, node->inputs[1]), to, NULL);
}

/* False: XNNPACK has no operator for a node alone, and the chain is left as it is. */
static bool fill_in(bench *b, const ew_graph *graph, uint32_t segment, const chain *c,
                    uint8_t *table) {
  uint8_t bytes[BYTES];
  for (int i = 0; i < BYTES; i++) bytes[i] = (uint8_t)i;
  memset(b, 0, sizeof *b);
  memcpy(b->results[0], bytes, sizeof bytes);
  b->values[b->count++] = c->source;
  for (uint32_t i = 0; i < c->count; i++) {
    const ew_node *node = ew_segment_node(graph, segment, c->places[i]);
    if (run_node(b, graph, node) != xnn_status_success) return false;
  }
  memcpy(table, b->results[c->count], BYTES);
  return true;
}

static ew_status fold(ew_graph *graph, uint32_t segment, const chain *c, bench *b, bool *out_done,
                      ew_error *err) {
  uint8_t *table = NULL;
  EW_TRY(ew_arena_alloc(graph->arena, BYTES, 1, &table, err));
  *out_done = fill_in(b, graph, segment, c, table);
  if (!*out_done) return EW_OK;
  ew_node *last = &graph->nodes[graph->segments[segment].nodes[c->places[c->count - 1]]];
  last->op = EW_OP_TABLE;
  last->num_inputs = 1;
  last->inputs[0] = c->source;
  last->params->table = table;
  for (uint32_t i = c->count - 1; i-- > 0;) ew_segment_remove_node(graph, segment, c->places[i]);
  return EW_OK;
}

ew_status ew_xnn_fold_tables(ew_graph *graph, uint32_t segment, ew_error *err) {
  bench *b = NULL;
  ew_status status = EW_OK;
  for (uint32_t n = 0; n < graph->segments[segment].num_nodes && status == EW_OK; n++) {
    chain c;
    bool done = false;
    if (!find_chain(graph, segment, n, &c)) continue;
    if (b == NULL) b = ew_alloc(sizeof *b);
    if (b == NULL) return ew_fail(err, EW_OUT_OF_MEMORY, "out of memory: a table");
    status = fold(graph, segment, &c, b, &done, err);
    if (done) n -= c.count - 1;
  }
  ew_free(b);
  return status;
}
