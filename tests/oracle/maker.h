/* Private to the random graphs: one graph under construction. */
#ifndef EW_TESTS_ORACLE_MAKER_H
#define EW_TESTS_ORACLE_MAKER_H

#include "oracle/loops.h"
#include "oracle/random_graph.h"

#define MAKER_ANY_RANK 99u

typedef struct maker {
  random_graph *g;
  random_state random;
  ew_dtype flavour; /* the type of most values; EW_DTYPE_NONE: any */
  uint32_t segment;
  uint64_t next_offset; /* where the next constant lies in the imagined file */
  uint32_t pool[RANDOM_MAX_VALUES], pool_size; /* values that nodes may read */
  ew_error *err;
} maker;

/* An operator about to be added. */
typedef struct maker_op {
  ew_op op;
  ew_params params;
  uint32_t num_in, in[5];
  ew_dtype dtype; /* of the output */
  uint32_t rank;
  size_t dims[EW_MAX_RANK];
  uint32_t same_quant; /* EW_NONE, or the value whose scale and zero point the output has */
  uint32_t nonbatch;   /* EW_QD8: dimensions that share a scale */
  bool may_clamp;      /* takes a fused activation */
} maker_op;

maker_op maker_op_of(ew_op op);

/* Functions that find nothing suitable set *out_id to EW_NONE and return EW_OK; a failure is one of the
 * test. */
ew_status maker_step(maker *m); /* adds one operator of a random family, or nothing */
ew_status maker_add(maker *m, maker_op *op, uint32_t *out_id);
ew_status maker_add_argmax(maker *m, maker_op *op);
/* With a random table, which gives neighbours results that are near each other. */
ew_status maker_add_table(maker *m, maker_op *op);
ew_status maker_pick(maker *m, ew_dtype dtype, uint32_t rank, uint32_t *out_id);
ew_status maker_input(maker *m, ew_dtype dtype, uint32_t rank, const size_t *dims,
                      uint32_t *out_id);
/* Sets an 8-bit type with one scale; nothing but the dtype for EW_F32. */
ew_status maker_quantise(maker *m, ew_value *value, ew_dtype dtype, double scale,
                         int32_t zero_point);
/* bytes and scales (f32, bf16 for blocks; NULL when value has inline ones) live as long as the graph. */
ew_status maker_constant(maker *m, ew_value *value, const void *bytes, size_t size,
                         const void *scales, size_t scales_size, uint32_t *out_id);
/* Uniform numbers, as f32 or 8-bit. */
ew_status maker_plain_constant(maker *m, ew_dtype dtype, uint32_t rank, const size_t *dims,
                               double low, double high, uint32_t *out_id);

const oracle_tensor *maker_tensor(const maker *m, uint32_t value);
/* The scale of an 8-bit tensor; 0 else. */
double maker_scale(const maker *m, uint32_t value);
ew_dtype maker_dtype(maker *m);

#endif
