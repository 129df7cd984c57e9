/* Tensors of the oracle: every element as a real number in double precision.
 *
 * A tensor has the type of a graph value: after an operator has written real numbers, oracle_settle rounds
 * them to what that type can hold. Beside each element stands its slack: by how much two right executors may
 * differ there. Inputs have none; every rounding adds to it, and every operator carries it along. */
#ifndef EW_TESTS_ORACLE_TENSOR_H
#define EW_TESTS_ORACLE_TENSOR_H

#include "graph/ir.h"

/* Tolerances: f32 results may differ by this share of the largest magnitude of the tensor, 8-bit results by
 * one quantum. */
#define ORACLE_F32_SHARE 1e-5

typedef struct oracle_tensor {
  ew_dtype dtype;
  ew_quant quant; /* scale is always inline here; NULL for EW_QUANT_TOKEN */
  uint32_t rank;
  size_t dims[EW_MAX_RANK]; /* in memory order */
  size_t count;
  double *value, *slack; /* [count] */
} oracle_tensor;

/* What an operator may do to its results besides writing them. */
typedef enum oracle_rounding {
  ORACLE_EXACT,   /* results are elements of the inputs: nothing is rounded */
  ORACLE_ROUNDED, /* results are computed */
} oracle_rounding;

/* Memory of the arena for a tensor with value's type and these sizes (in memory order). */
ew_status oracle_tensor_init(oracle_tensor *tensor, const ew_value *value, const size_t *dims,
                             ew_arena *arena, ew_error *err);
/* Reads bytes in the layout of the graph (two nibbles a byte for 4-bit weights); slack becomes 0. scales:
 * the bytes of the value's scales, or NULL when they are inline. */
ew_status oracle_tensor_load(oracle_tensor *tensor, const void *bytes, const void *scales,
                             ew_arena *arena, ew_error *err);
/* Writes the elements as bytes (f32, i32, and 8-bit with one scale). */
void oracle_tensor_store(const oracle_tensor *tensor, void *bytes);

/* Rounds real numbers to the tensor's type. */
void oracle_settle(oracle_tensor *tensor, oracle_rounding rounding);

/* Index of an element from its index along each dimension, where sizes of 1 repeat (broadcasting aligned at
 * the right of rank dimensions). */
size_t oracle_broadcast_index(const oracle_tensor *tensor, const size_t *index, uint32_t rank);
/* The next index in row-major order; false after the last one. */
bool oracle_next_index(size_t *index, const size_t *dims, uint32_t rank);

#endif
