/* Which loop runs which operator. */
#include "oracle/loops.h"

#include <math.h>

typedef void (*loop)(const oracle_call *call);

static loop loop_of(ew_op op) {
  switch (op) {
    case EW_OP_ADD:
    case EW_OP_SUBTRACT:
    case EW_OP_MULTIPLY:
    case EW_OP_DIVIDE:
    case EW_OP_MINIMUM:
    case EW_OP_MAXIMUM:
    case EW_OP_PRELU:
      return oracle_binary;
    case EW_OP_SOFTMAX:
      return oracle_softmax;
    case EW_OP_FULLY_CONNECTED:
      return oracle_fully_connected;
    case EW_OP_BATCH_MATRIX_MULTIPLY:
      return oracle_batch_matrix_multiply;
    case EW_OP_CONV_2D:
      return oracle_conv;
    case EW_OP_DEPTHWISE_CONV_2D:
      return oracle_depthwise_conv;
    case EW_OP_CONV_TRANSPOSE_2D:
      return oracle_conv_transpose;
    case EW_OP_MAX_POOL_2D:
      return oracle_max_pool;
    case EW_OP_AVG_POOL_2D:
      return oracle_avg_pool;
    case EW_OP_ARGMAX_POOL_2D:
      return oracle_argmax_pool;
    case EW_OP_GLOBAL_AVG_POOL_2D:
      return oracle_global_avg_pool;
    case EW_OP_REDUCE_MEAN:
    case EW_OP_REDUCE_SUM:
      return oracle_reduce;
    case EW_OP_COPY:
    case EW_OP_RESHAPE:
      return oracle_copy;
    case EW_OP_TRANSPOSE:
      return oracle_transpose;
    case EW_OP_SLICE:
      return oracle_slice;
    case EW_OP_PAD:
      return oracle_pad;
    case EW_OP_CONCATENATE:
      return oracle_concatenate;
    case EW_OP_RESIZE_BILINEAR_2D:
      return oracle_resize_bilinear;
    case EW_OP_TABLE:
      return oracle_table;
    default:
      return op < EW_OP_KERNEL ? oracle_unary : NULL;
  }
}

ew_status oracle_run(const oracle_call *call, ew_error *err) {
  const loop run = loop_of(call->op);
  EW_CHECK(run != NULL, err, EW_NOT_IMPLEMENTED, "the oracle has no loop for %s",
           ew_op_name(call->op));
  run(call);
  return EW_OK;
}

void oracle_clamp(const oracle_call *call) {
  const double low = call->params->output_min, high = call->params->output_max;
  for (size_t i = 0; i < call->out->count; i++) {
    call->out->value[i] = fmin(fmax(call->out->value[i], low), high);
  }
}
