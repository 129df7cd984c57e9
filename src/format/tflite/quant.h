/* Quantisation parameters and sparse constants of `.tflite` tensors. */
#ifndef EW_FORMAT_TFLITE_QUANT_H
#define EW_FORMAT_TFLITE_QUANT_H

#include "format/tflite/model.h"

/* Scales and zero points of a tensor; EW_QUANT_NONE when it has no scale, or is neither u8 nor i8. The scales
 * are copied into arena. index: of the tensor, for messages. EW_NOT_SUPPORTED for scales per block. */
ew_status tfl_read_quant(const tfl_tensor *tensor, uint32_t index, ew_arena *arena, ew_quant *out,
                         ew_error *err);

/* One dimension of a sparse tensor's storage, in the order of traversal. */
typedef struct tfl_level {
  bool sparse;
  uint32_t size;   /* of the level: positions (dense), or what coordinates stay below */
  uint32_t dim;    /* the dimension of the tensor that it moves along */
  uint32_t factor; /* coordinates count in units of so many elements */
  uint32_t *segments, *indices; /* sparse: [num_segments], [num_indices] */
  uint32_t num_segments, num_indices;
} tfl_level;

typedef struct tfl_sparsity {
  uint32_t num_levels;
  tfl_level *levels;
  uint32_t rank;
  size_t dims[EW_MAX_RANK];
} tfl_sparsity;

/* Reads and checks how a tensor is stored sparsely, so that tfl_densify need not check anything. stored:
 * values that the buffer holds. */
ew_status tfl_read_sparsity(const tfl_tensor *tensor, uint32_t index, size_t stored,
                            ew_arena *arena, tfl_sparsity *out, ew_error *err);

/* Writes the whole tensor, item bytes an element: zeros, and the stored values at their places. */
void tfl_densify(const tfl_sparsity *sparsity, const uint8_t *stored, size_t item, uint8_t *out);

#endif
