/* The tables of a `.tflite` file, checked and spread out: what the other files of this folder read.
 *
 * Facts of the format: the FlatBuffer schema of TensorFlow Lite, version 3. The FlatBuffer has no length of its
 * own: weights of large files, and an archive of labels, lie behind it. */
#ifndef EW_FORMAT_TFLITE_MODEL_H
#define EW_FORMAT_TFLITE_MODEL_H

#include "base/arena.h"
#include "format/flatbuf.h"
#include "graph/ir.h"

/* TensorType. */
enum {
  TFL_F32 = 0,
  TFL_F16 = 1,
  TFL_I32 = 2,
  TFL_U8 = 3,
  TFL_I64 = 4,
  TFL_STRING = 5,
  TFL_BOOL = 6,
  TFL_I16 = 7,
  TFL_I8 = 9,
  TFL_F64 = 10
};

/* Bytes of the file; size 0: none. */
typedef struct tfl_range {
  uint64_t offset;
  uint64_t size;
} tfl_range;

typedef struct tfl_code {
  int32_t builtin;    /* BuiltinOperator; 32: custom */
  const char *custom; /* "" unless custom */
} tfl_code;

typedef struct tfl_tensor {
  uint8_t type;   /* TensorType */
  ew_dtype dtype; /* EW_DTYPE_NONE when this runtime has none for the type */
  uint32_t rank;
  size_t dims[EW_MAX_RANK]; /* as the file states them: right for inputs and constants only */
  uint32_t dynamic;         /* bit per dimension that the caller may choose */
  tfl_range bytes;          /* of a constant; size 0 when it is none (or has no elements) */
  const char *name;
  ew_fb_table quantization, sparsity; /* absent: position 0 */
} tfl_tensor;

typedef struct tfl_operator {
  uint32_t code; /* index in codes */
  uint32_t num_inputs, num_outputs;
  const uint32_t *inputs; /* tensors; EW_NONE for an operand that is left out */
  const uint32_t *outputs;
  ew_fb_table options;
  ew_bytes custom; /* options of a custom operator */
} tfl_operator;

typedef struct tfl_name {
  const char *name;
  uint32_t tensor;
} tfl_name;

/* A signature: an entry point with names for its tensors. */
typedef struct tfl_signature {
  const char *key;
  uint32_t subgraph;
  uint32_t num_inputs, num_outputs;
  tfl_name *inputs, *outputs;
} tfl_signature;

typedef struct tfl_model {
  ew_arena *arena; /* lives as long as the walk's results */
  ew_fb fb;
  ew_fb_table root;
  const char *description;
  const char *min_runtime; /* "min_runtime_version" of the metadata, or "" */
  tfl_code *codes;
  uint32_t num_codes;
  tfl_range *buffers;
  uint32_t num_buffers;
  tfl_signature *signatures;
  uint32_t num_signatures, num_subgraphs;
  tfl_range metadata; /* the TFLITE_METADATA buffer */

  /* The subgraph that was asked for. */
  uint32_t subgraph;
  const tfl_signature *signature; /* NULL when none belongs to it */
  tfl_tensor *tensors;
  uint32_t num_tensors;
  tfl_operator *operators;
  uint32_t num_operators;
  const uint32_t *inputs, *outputs;
  uint32_t num_inputs, num_outputs;
} tfl_model;

/* Reads all tables that loading needs. model->arena and model->fb are set by the caller; pages that are not
 * there are marked as wanted, and then the result means nothing (also when it is a failure). method: key of a
 * signature; NULL or "forward": the first subgraph. EW_NOT_FOUND lists the keys. */
ew_status tfl_read_model(tfl_model *model, const char *method, ew_error *err);

/* Constants of at most so many bytes are read with the tables: shapes, axes, paddings. */
enum { TFL_SMALL_BYTES = 4096 };
/* The bytes of a small constant, or NULL when it is none or larger. */
const uint8_t *tfl_small_bytes(const tfl_model *model, const tfl_tensor *tensor);

/* "f32" etc., for messages. */
const char *tfl_type_name(uint8_t type);

#endif
