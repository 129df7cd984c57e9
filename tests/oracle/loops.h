/* Every operator of ops.def as plain loops over real numbers: obviously right, and slow.
 *
 * The functions read inputs, write outputs whose dims are set, and round them to their type. They carry the
 * slack of each input element to the output elements that depend on it. */
#ifndef EW_TESTS_ORACLE_LOOPS_H
#define EW_TESTS_ORACLE_LOOPS_H

#include "oracle/tensor.h"

typedef struct oracle_call {
  ew_op op;
  const ew_params *params;
  uint32_t num_inputs;
  const oracle_tensor *in; /* value is NULL for an absent bias */
  oracle_tensor *out;
} oracle_call;

/* EW_NOT_IMPLEMENTED for an operator that has no loop. */
ew_status oracle_run(const oracle_call *call, ew_error *err);

/* One function per family; oracle_run knows which. */
void oracle_unary(const oracle_call *call);
void oracle_binary(const oracle_call *call);
void oracle_table(const oracle_call *call);
void oracle_softmax(const oracle_call *call);
void oracle_fully_connected(const oracle_call *call);
void oracle_batch_matrix_multiply(const oracle_call *call);
void oracle_conv(const oracle_call *call);
void oracle_depthwise_conv(const oracle_call *call);
void oracle_conv_transpose(const oracle_call *call);
void oracle_max_pool(const oracle_call *call);
void oracle_avg_pool(const oracle_call *call);
void oracle_argmax_pool(const oracle_call *call);
void oracle_global_avg_pool(const oracle_call *call);
void oracle_reduce(const oracle_call *call);
void oracle_copy(const oracle_call *call); /* and reshape */
void oracle_transpose(const oracle_call *call);
void oracle_slice(const oracle_call *call);
void oracle_pad(const oracle_call *call);
void oracle_concatenate(const oracle_call *call);
void oracle_resize_bilinear(const oracle_call *call);

/* Limits the results to the node's activation range. */
void oracle_clamp(const oracle_call *call);

#endif
