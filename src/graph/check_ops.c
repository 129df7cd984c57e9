/* Rules of nodes of ops.def. */
#include <string.h>

#include "graph/check.h"
#include "graph/shapes.h"

/* --- quantisation -------------------------------------------------------------------------------- */

static ew_status check_zero_point(const ew_value *value, uint32_t id, ew_error *err) {
  const int32_t low = value->dtype == EW_I8 ? INT8_MIN : 0;
  const int32_t high = value->dtype == EW_I8 ? INT8_MAX : value->dtype == EW_U8 ? UINT8_MAX : 0;
  EW_CHECK(value->quant.zero_point >= low && value->quant.zero_point <= high, err,
           EW_INVALID_PROGRAM, "value %u (%s): zero point %d is not in %d to %d", id,
           ew_dtype_name(value->dtype), value->quant.zero_point, low, high);
  return EW_OK;
}

static ew_status check_channels(const ew_value *value, uint32_t id, ew_error *err) {
  const ew_quant *quant = &value->quant;
  EW_CHECK(quant->channel_dim < value->rank, err, EW_INVALID_PROGRAM,
           "value %u: scales along dimension %u of a tensor of rank %u", id, quant->channel_dim,
           value->rank);
  EW_CHECK(quant->count == value->dims[quant->channel_dim], err, EW_INVALID_PROGRAM,
           "value %u: %u scales for %zu channels", id, quant->count,
           value->dims[quant->channel_dim]);
  EW_CHECK(value->constant != EW_NONE, err, EW_INVALID_PROGRAM,
           "value %u has a scale per channel but is no constant", id);
  return EW_OK;
}

static ew_status check_blocks(const ew_value *value, uint32_t id, ew_error *err) {
  const ew_quant *quant = &value->quant;
  EW_CHECK(value->rank == 2 && quant->channel_dim == 0 && value->constant != EW_NONE, err,
           EW_INVALID_PROGRAM,
           "value %u: scales per block need a constant filter of rank 2 with its channels first",
           id);
  EW_CHECK(quant->block_size > 0 && value->dims[1] % quant->block_size == 0, err,
           EW_INVALID_PROGRAM, "value %u: blocks of %u do not divide %zu inputs", id,
           quant->block_size, value->dims[1]);
  EW_CHECK(quant->count == (uint64_t)value->dims[0] * (value->dims[1] / quant->block_size), err,
           EW_INVALID_PROGRAM, "value %u: %u scales for %zu x %zu blocks", id, quant->count,
           value->dims[0], value->dims[1] / quant->block_size);
  return EW_OK;
}

/* Scales themselves are checked when their bytes have arrived, with the copy that XNNPACK gets. */
static ew_status check_quant(const ew_graph *graph, uint32_t id, ew_error *err) {
  const ew_value *value = &graph->values[id];
  const ew_quant *quant = &value->quant;
  switch (quant->kind) {
    case EW_QUANT_TENSOR:
      return check_zero_point(value, id, err);
    case EW_QUANT_CHANNEL:
      return check_channels(value, id, err);
    case EW_QUANT_BLOCK:
      return check_blocks(value, id, err);
    case EW_QUANT_TOKEN:
      EW_CHECK(quant->num_nonbatch_dims >= 1 && quant->num_nonbatch_dims <= value->rank, err,
               EW_INVALID_PROGRAM, "value %u: %u dimensions share a scale, the tensor has rank %u",
               id, quant->num_nonbatch_dims, value->rank);
      return EW_OK;
    default:
      return EW_OK;
  }
}

/* --- nodes --------------------------------------------------------------------------------------- */

static ew_status check_output(const ew_graph *graph, const ew_node *node, uint32_t output,
                              const ew_shape *derived, ew_error *err) {
  const uint32_t id = node->outputs[output];
  const ew_shape declared = ew_value_shape(&graph->values[id]);
  const bool same = declared.rank == derived->rank &&
                    memcmp(declared.dims, derived->dims, declared.rank * sizeof(size_t)) == 0;
  char wanted[128], stated[128];
  EW_CHECK(same, err, EW_INVALID_PROGRAM, "node %u (%s): output value %u is declared %s, but is %s",
           (unsigned)(node - graph->nodes), ew_op_name(node->op), id,
           ew_shape_text(declared.dims, declared.rank, stated, sizeof stated),
           ew_shape_text(derived->dims, derived->rank, wanted, sizeof wanted));
  return EW_OK;
}

static ew_status check_activation(const ew_graph *graph, const ew_node *node, ew_error *err) {
  const ew_params *p = node->params;
  EW_CHECK(p->output_min < p->output_max || node->op == EW_OP_CLAMP, err, EW_INVALID_PROGRAM,
           "node %u (%s): the activation range %g to %g is empty", (unsigned)(node - graph->nodes),
           ew_op_name(node->op), (double)p->output_min, (double)p->output_max);
  return EW_OK;
}

ew_status ew_graph_check_op_node(const ew_graph *graph, const ew_node *node, ew_error *err) {
  ew_shape inputs[EW_MAX_OP_INPUTS] = {{0}};
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    if (node->inputs[i] == EW_NONE) continue;
    EW_TRY(check_quant(graph, node->inputs[i], err));
    inputs[i] = ew_value_shape(&graph->values[node->inputs[i]]);
  }
  EW_TRY(check_activation(graph, node, err));
  ew_shape derived;
  uint64_t work = 0;
  EW_TRY(ew_derive_shape(graph, node, inputs, &derived, &work, err));
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    EW_TRY(check_quant(graph, node->outputs[i], err));
    EW_TRY(check_output(graph, node, i, &derived, err));
  }
  return EW_OK;
}
