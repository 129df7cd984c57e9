/* Every ceiling that keeps an untrusted file from exhausting memory or time, in one place.
 *
 * Each is far above what models need (CLIP ViT-B/32: 2 400 values, 900 nodes, 111 segments) and low
 * enough that work which grows with a count, or with its square, stays within a few seconds. Going
 * beyond one is reported as EW_OUT_OF_RESOURCES, or EW_INVALID_PROGRAM where no valid file can. */
#ifndef EW_BASE_LIMITS_H
#define EW_BASE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

enum {
  /* Tensors. XNNPACK has 6 dimensions; ExecuTorch allows 16, models use up to 6. */
  EW_MAX_RANK = 8,
  EW_XNN_MAX_RANK = 6,

  /* Counts of a graph. */
  EW_MAX_VALUES = 1 << 16,
  EW_MAX_NODES = 1 << 15,
  EW_MAX_OPERANDS = 1 << 12,  /* inputs plus outputs of one node; items of one list */
  EW_MAX_SEGMENTS = 1 << 12,  /* XNNPACK runtimes of a method */
  EW_MAX_EXTERNALS = 1 << 12, /* external values of one payload */

  /* Counts of a file. */
  EW_MAX_FILE_BLOCKS = 1 << 20, /* data segments, and names of data */
  EW_MAX_METHODS = 1 << 10,
  EW_MAX_NAME = 1 << 10,   /* characters of a string */
  EW_MAX_TABLES = 4 << 20, /* FlatBuffer tables opened; files may share one table many times */

  /* Sides of a picture or window: sums of two stay far from 32 bits. */
  EW_MAX_SIDE = 1 << 24,
  /* Entries of XNNPACK's table of input rows: output pixels times kernel size (4 bytes each). */
  EW_MAX_WINDOW_ENTRIES = 1 << 26
};

/* Bytes of one tensor. */
#define EW_MAX_TENSOR_BYTES ((size_t)1 << 30)
/* Working memory between the steps of a method, and within one XNNPACK segment. */
#define EW_MAX_PLANNED_BYTES ((size_t)1536 << 20)
/* All outputs of a run together, unless the caller allows more: they are copied out, and a small file may name one large
 * value many times. The largest maps of real models take a fifth. */
#define EW_MAX_OUTPUT_BYTES ((uint64_t)256 << 20)
/* What the graph itself may take: values, nodes, names, inline scales. */
#define EW_MAX_METADATA_BYTES ((size_t)256 << 20)
/* Multiplications, or elements moved, of one kernel and of all XNNPACK nodes of one run: a minute,
 * or 100 times EfficientNetV2-S. */
#define EW_MAX_WORK ((uint64_t)1 << 40)
/* Operations of all kernels that a load runs because all they read is known: at most a second or two. What is beyond is
 * left to the run. Of 130 networks the greediest needs a quarter (casts of half precision). */
#define EW_MAX_FOLD_WORK ((uint64_t)1 << 25)

#endif
