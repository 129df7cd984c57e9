/* Making a graph of a `.tflite` subgraph: values, constants and nodes, with every shape inferred.
 *
 * Shapes that the file states for intermediate tensors are often wrong, so only those of inputs and constants
 * are taken from it; each node's outputs get theirs when it is added. Kernels whose inputs are known at load
 * run at once: shape arithmetic (SHAPE, STRIDED_SLICE, PACK, …) disappears here. */
#ifndef EW_FORMAT_TFLITE_BUILDER_H
#define EW_FORMAT_TFLITE_BUILDER_H

#include "format/tflite/model.h"
#include "kernels/kernel.h"

/* Where a tensor of the file is in the graph. */
typedef struct tfl_slot {
  uint32_t value; /* EW_NONE until it is needed */
  bool constant;  /* its bytes follow from the file alone */
  bool written;   /* an input, or an operator's output */
  uint32_t
      source; /* constants: the tensor with the bytes (itself, or what DEQUANTIZE or DENSIFY read) */
} tfl_slot;

typedef struct tfl_builder {
  ew_arena *arena; /* the graph's */
  ew_graph *graph;
  const tfl_model *model;
  tfl_slot *slots;       /* [num_tensors] */
  const uint8_t **known; /* per value: its bytes when they are known at load, else NULL */
  uint32_t cap_known;
  uint32_t operator_index; /* being read */
  const tfl_operator *op;
  const char *op_name;
  const size_t *sizes; /* of the inputs that are still to come; NULL: the file's */
  uint32_t num_sizes;
  uint64_t *work; /* that may still be spent on results that are known at load */
  ew_error *err;
} tfl_builder;

/* Adds the chosen subgraph to the graph. sizes: of all inputs, one after another; NULL: the file's. work: operations that
 * may be spent on what is known at load (EW_MAX_FOLD_WORK), less those spent when it returns.
 * EW_OPERATOR_MISSING names every operator that there is none for, EW_WRONG_DIMENSIONS an input that does not
 * take its sizes. */
ew_status tfl_build(const tfl_model *model, const size_t *sizes, uint32_t num_sizes, uint64_t *work,
                    ew_graph *graph, ew_error *err);

/* Whether an input leaves sizes to the caller. */
bool tfl_has_free_sizes(const tfl_model *model);
/* Sizes of all inputs with which the graph can be built, for a load that names none: those of pictures of this height
 * and width (0: unknown), else those of the file, else what the free ones need. They live in arena. Fails as tfl_build
 * does with the file's when there are none. */
ew_status tfl_find_sizes(const tfl_model *model, const size_t picture[2], ew_arena *arena,
                         const size_t **out, uint32_t *out_count, ew_error *err);

/* Fails with "operator 7 (CONV_2D): …". */
ew_status tfl_fail(const tfl_builder *b, ew_status code, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;
#define TFL_CHECK(b, cond, code, ...)                       \
  do {                                                      \
    if (!(cond)) return tfl_fail((b), (code), __VA_ARGS__); \
  } while (0)

/* --- operands -------------------------------------------------------------------------------------- */

bool tfl_has_input(const tfl_builder *b, uint32_t i);
/* The graph value of an operand, which must be there. */
ew_status tfl_input(tfl_builder *b, uint32_t i, uint32_t *out);
/* True when the operand is a constant of the file. */
bool tfl_is_constant(const tfl_builder *b, uint32_t i);
/* The tensor that a constant operand's stored bytes belong to (f16 weights: before their DEQUANTIZE). */
const tfl_tensor *tfl_source(const tfl_builder *b, uint32_t i, uint32_t *out_index);
/* The value of an output; its shape follows from the node that will write it. */
ew_status tfl_output(tfl_builder *b, uint32_t i, uint32_t *out);
/* An integer operand (shape, axes, …) that is known at load: i32 or i64 items widened into the arena.
 * what: for messages ("the axes"). */
ew_status tfl_ints(tfl_builder *b, uint32_t i, const char *what, const int64_t **out,
                   uint32_t *out_count);
/* The same for one item. */
ew_status tfl_int(tfl_builder *b, uint32_t i, const char *what, int64_t *out);
const ew_value *tfl_value(const tfl_builder *b, uint32_t value);
/* The bytes of a value, when they are known at load. */
const uint8_t *tfl_known(const tfl_builder *b, uint32_t value);

/* --- values ---------------------------------------------------------------------------------------- */

/* An intermediate value; quant NULL: none. */
ew_status tfl_temporary(tfl_builder *b, ew_dtype dtype, const ew_quant *quant, uint32_t *out);
/* A constant made here. bytes are row-major and are copied. */
ew_status tfl_literal(tfl_builder *b, ew_dtype dtype, uint32_t rank, const size_t *dims,
                      const void *bytes, uint32_t *out);
/* Gives an output that is known at load its bytes. */
ew_status tfl_set_known(tfl_builder *b, uint32_t value, uint32_t rank, const size_t *dims,
                        const void *bytes);
/* A constant operand as f32, whatever it is stored as (f16, u8, i8, sparse). */
ew_status tfl_constant_as_f32(tfl_builder *b, uint32_t i, uint32_t *out);
/* A constant operand whose 8-bit bytes are read as i8 with zero point 0, as type `to` (i8, f32). */
ew_status tfl_constant_from_i8(tfl_builder *b, uint32_t i, ew_dtype to, uint32_t *out);
/* A constant operand of type i32 times scales, as f32. */
ew_status tfl_constant_times(tfl_builder *b, uint32_t i, const ew_quant *quant, uint32_t *out);
/* A constant value with quantisation parameters of its own, sharing the bytes. */
ew_status tfl_with_quant(tfl_builder *b, uint32_t constant, const ew_quant *quant, uint32_t *out);
/* A copy of scales with the spare entries that XNNPACK reads. */
ew_status tfl_scales(tfl_builder *b, const float *scales, uint32_t count, const float **out);

/* Quantised to 8 bits with one scale. */
bool tfl_is_q8(const ew_value *value);
/* f32 or quantised to 8 bits, of a rank that executors take. */
bool tfl_is_executable(const ew_value *value);
bool tfl_same_quant(const ew_value *a, const ew_value *b);

/* What the files of the builder share. */
ew_status tfl_add_value(tfl_builder *b, const ew_value *value, uint32_t *out);
void tfl_set_dims(ew_value *value, uint32_t rank, const size_t *dims);
/* Notes the bytes of a value that is known at load. */
ew_status tfl_remember(tfl_builder *b, uint32_t value, const uint8_t *bytes);
/* The value of a tensor of the file. */
ew_status tfl_slot_value(tfl_builder *b, uint32_t tensor, uint32_t *out);
/* A value for a constant tensor, whose bytes are of type `from` (its own, or i8 for a u8), as type `to`. */
ew_status tfl_constant_value(tfl_builder *b, uint32_t tensor, ew_dtype from, ew_dtype to,
                             uint32_t *out);
bool tfl_is_empty(const tfl_tensor *tensor);

/* --- nodes ----------------------------------------------------------------------------------------- */

/* Parameters with an infinite activation range and everything else 0. */
ew_params tfl_params(void);
/* A node of ops.def with one output (two for those that have two). */
ew_status tfl_node(tfl_builder *b, ew_op op, const ew_params *params, const uint32_t *inputs,
                   uint32_t num_inputs, uint32_t output);
/* Arguments of a kernel, appended in the order of its signature. */
typedef struct tfl_args {
  ew_attr items[16];
  uint32_t count;
} tfl_args;
void tfl_arg_int(tfl_args *args, int64_t value);
void tfl_arg_bool(tfl_args *args, bool value);
void tfl_arg_double(tfl_args *args, double value);
void tfl_arg_none(tfl_args *args);
/* items must live in the arena. */
void tfl_arg_ints(tfl_args *args, const int64_t *items, uint32_t count);
void tfl_arg_string(tfl_args *args, const char *text);
/* Copies into the arena. */
ew_status tfl_arg_sizes(tfl_builder *b, tfl_args *args, const size_t *items, uint32_t count);
ew_status tfl_kernel(tfl_builder *b, const char *name, const uint32_t *inputs, uint32_t num_inputs,
                     const tfl_args *args, const uint32_t *outputs, uint32_t num_outputs);

/* --- what many operators need ----------------------------------------------------------------------- */

/* An 8-bit value as f32 (others stay as they are), and the f32 value from which `out` is made. */
ew_status tfl_to_float(tfl_builder *b, uint32_t in, uint32_t *out);
ew_status tfl_from_float(tfl_builder *b, uint32_t out, uint32_t *from);
ew_status tfl_finish_float(tfl_builder *b, uint32_t from, uint32_t out);
/* Operators that move elements leave their quantisation alone: *to is `out`, or, when that has other
 * parameters than `in`, a value that tfl_finish_move converts. */
ew_status tfl_begin_move(tfl_builder *b, uint32_t in, uint32_t out, uint32_t *to);
ew_status tfl_finish_move(tfl_builder *b, uint32_t to, uint32_t out);
/* `in` with the quantisation of `like`. */
ew_status tfl_requantise(tfl_builder *b, uint32_t in, uint32_t like, uint32_t *out);
ew_status tfl_reshape(tfl_builder *b, uint32_t in, uint32_t rank, const size_t *dims, uint32_t to);
ew_status tfl_permute(tfl_builder *b, uint32_t in, const size_t *order, uint32_t to);
ew_status tfl_take_slice(tfl_builder *b, uint32_t in, const size_t *begin, const size_t *size,
                         uint32_t to);
ew_status tfl_join(tfl_builder *b, const uint32_t *parts, uint32_t count, uint32_t axis,
                   uint32_t to);
/* ActivationFunctionType as a range; false for what is no range (TANH, SIGN_BIT). */
bool tfl_activation_range(uint8_t activation, float *low, float *high);
/* Nodes that have no range of their own write to *to; tfl_finish_activation computes `out` from it. */
ew_status tfl_begin_activation(tfl_builder *b, uint8_t activation, uint32_t out, uint32_t *to);
ew_status tfl_finish_activation(tfl_builder *b, uint8_t activation, uint32_t to, uint32_t out);
/* A dimension of a tensor of this rank; negative ones count from the end. */
ew_status tfl_dim(const tfl_builder *b, int64_t dim, uint32_t rank, uint32_t *out);

/* --- operators ------------------------------------------------------------------------------------- */

struct tfl_row;
typedef ew_status tfl_read_fn(tfl_builder *b, const struct tfl_row *row);

/* A row of ops.def: a builtin operator by its code, or a custom one by its name. */
typedef struct tfl_row {
  int32_t code; /* 32: custom */
  const char *name;
  tfl_read_fn *read;
  uint32_t min_inputs, max_inputs, min_outputs, max_outputs;
  ew_op op;           /* what `read` emits where an executor may run it, or EW_OP_COUNT */
  const char *kernel; /* and elsewhere, or NULL */
} tfl_row;

#define TFL_OP(code, name, read, min_in, max_in, min_out, max_out, op, kernel) \
  tfl_read_fn tfl_read_##read;
#define TFL_CUSTOM(name, read, min_in, max_in, min_out, max_out) tfl_read_fn tfl_read_##read;
#include "format/tflite/ops.def"
#undef TFL_OP
#undef TFL_CUSTOM

#endif
