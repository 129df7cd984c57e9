/* Prepare and run of elementwise operators, described by data. Internal to kernels/. */
#ifndef EW_KERNELS_ELEMENTWISE_H
#define EW_KERNELS_ELEMENTWISE_H

#include "kernels/strided.h"
#include "kernels/support.h"

/* Loops of one operator by the type they compute in; NULL: f32 is computed in f64, and an integer
 * type without a loop is refused. */
typedef struct ew_loops {
  ew_map_fn f32, f64, i64;
} ew_loops;

/* What the operator computes in: the output's type (arithmetic), or the promoted type of the inputs
 * with a true/false result (comparisons). */
typedef enum ew_result { EW_RESULT_SAME, EW_RESULT_BOOL } ew_result;

/* Broadcasts all input tensors into output 0. */
ew_status ew_prepare_broadcast(ew_call *call);
/* Output 0 has the shape of input 0. */
ew_status ew_prepare_like(ew_call *call);

/* Type that values of a tensor type are computed in: f64 for f64, f32 for smaller floats, else i64. */
ew_dtype ew_compute_dtype(ew_dtype dtype);

/* The loop for compute; *compute becomes f64 when there is only that one. */
ew_status ew_pick_loop(const ew_call *call, const ew_loops *loops, ew_dtype *compute,
                       ew_map_fn *out);
/* f(inputs[0], inputs[1]) with params; reports integer division by zero. */
ew_status ew_run_binary(ew_call *call, const ew_loops *loops, ew_result result,
                        const ew_map_params *params);
/* f(inputs[0], scalar). */
ew_status ew_run_binary_scalar(ew_call *call, const ew_loops *loops, ew_result result,
                               const ew_number *scalar, const ew_map_params *params);
/* f(inputs[0]). */
ew_status ew_run_unary(ew_call *call, const ew_loops *loops, ew_result result,
                       const ew_map_params *params);

/* Loop bodies: a and b are the operands, p the params. */
#define EW_BINARY_LOOP(name, T, R, expr)                                           \
  static void name(const void *const *in, void *out, size_t n, ew_map_params *p) { \
    const T *x = in[0], *y = in[1];                                                \
    R *to = out;                                                                   \
    (void)p;                                                                       \
    for (size_t k = 0; k < n; k++) {                                               \
      const T a = x[k], b = y[k];                                                  \
      to[k] = (R)(expr);                                                           \
    }                                                                              \
  }
#define EW_UNARY_LOOP(name, T, R, expr)                                            \
  static void name(const void *const *in, void *out, size_t n, ew_map_params *p) { \
    const T *x = in[0];                                                            \
    R *to = out;                                                                   \
    (void)p;                                                                       \
    for (size_t k = 0; k < n; k++) {                                               \
      const T a = x[k];                                                            \
      to[k] = (R)(expr);                                                           \
    }                                                                              \
  }

#endif
