/* What a kernel node names: a row of the table of portable kernels (kernels/kernel.h).
 *
 * Adding an operator = a prepare and a run function, one row in kernels.def, one golden test.
 * prepare runs at load (and again when input shapes change): it checks types and shapes, and sets the
 * shape of every output; data pointers may be NULL. run computes; it checks only what depends on data
 * (indices). Both report through call->err with a message that names the operator and the argument
 * ("aten::embedding.out: index 7 is out of range [0, 5)"). */
#ifndef EW_GRAPH_KERNEL_H
#define EW_GRAPH_KERNEL_H

#include "base/status.h"
#include "base/tensor.h"
#include "graph/ir.h"

typedef struct ew_call {
  const ew_node *node;
  uint32_t num_inputs, num_outputs, num_attrs;
  const ew_tensor *inputs; /* [num_inputs]; dtype EW_DTYPE_NONE for an absent optional tensor */
  ew_tensor *outputs;      /* [num_outputs]; dtype is given; prepare sets rank and dims */
  const ew_attr *attrs;    /* [num_attrs], symbolic integers already filled in */
  void *scratch;           /* run: scratch_size bytes, 64-byte aligned, uninitialised */
  size_t scratch_size;     /* prepare: set to what run needs (0 before the call) */
  uint64_t work; /* prepare: operations of run beyond some passes over its tensors (0 before) */
  ew_error *err;
} ew_call;

/* Arguments of the operator in ATen out-variant schema order, one letter each:
 *   T tensor     t optional tensor     L tensor list        O list of optional tensors
 *   i int        I optional int        d double             D optional double
 *   s scalar (int, double or bool)     S optional scalar    b bool
 *   n int list   N optional int list   m double list        M optional double list
 *   z string     Z optional string     B bool list
 * then ':' and the outputs: T tensor, L tensor list, i symbolic integer, d symbolic double.
 * Tensors of all T t L O letters make up inputs, in order; all other letters make up attrs. An operator
 * may hold at most one L or O. An optional int holds ScalarType and MemoryFormat arguments too. */
typedef struct ew_kernel {
  const char *name;      /* "aten::mul.Scalar_out" */
  const char *signature; /* "Ts:T" */
  ew_status (*prepare)(ew_call *call);
  ew_status (*run)(ew_call *call);
  uint32_t flags; /* EW_KERNEL_* */
} ew_kernel;

enum {
  /* Computes symbolic integers from shapes: the session runs it while it prepares shapes. */
  EW_KERNEL_SHAPE = 1,
  /* run sees row-major tensors only: the session copies others in and out. */
  EW_KERNEL_DENSE = 2,
  /* Output 0 is input 0 under another shape; run is NULL and the loader makes it a view. */
  EW_KERNEL_VIEW = 4,
  /* How large outputs are depends on data: prepare sets the most that they can be, run may make them
   * smaller (ew_shrink_output), and the session then prepares the steps behind again. */
  EW_KERNEL_SIZES = 8,
  /* prepare and run see floats of any width as f32: the session converts them in and out. Implies
   * EW_KERNEL_DENSE. */
  EW_KERNEL_F32 = 16 | EW_KERNEL_DENSE,
  /* Output 0 has the elements of input 0 in the same order whenever type, number and layout agree: such a
   * node can be a view. */
  EW_KERNEL_COPIES = 32,
  /* Output 0 lies in 0..1 whatever the inputs are. */
  EW_KERNEL_UNIT = 64,
  /* Each element of output 0 lies between the smallest and the largest of input 0. */
  EW_KERNEL_WITHIN = 128,
  /* Writes a part of output 0 and leaves the rest of it as it is. */
  EW_KERNEL_PART = 256
};

#endif
