/* What a model file format is to the loader.
 *
 * A format turns the bytes of a file into a graph. It never reads by itself: it says which ranges of the
 * file it wants, the loader gets them (front to back, together with the constants' bytes) and hands them
 * in. Bytes of weights are no business of the format: it adds constants to the graph, as ranges of the
 * file, and the loader reads each when its turn comes.
 *
 *   sniff                           is this file ours?
 *   open                            head bytes -> reader
 *   want, want, ... (false: none)   the loader asks for all ranges that are known by now
 *   take                            one of them is complete: parse, add to the graph
 *     held, held, ...               the loader takes up new constants, copying those whose bytes are here
 *     release                       bytes that were kept only for `held` may go
 *     want, want, ...               what follows from what was read
 *   ...
 *   complete? finish                nothing is missing for the graph (labels at the file's end may be)
 *   methods, describe               what `inspect` tells
 *   destroy                         also after a failure, at any time
 *
 * Order. Outstanding ranges are served lowest offset first, so that a file that is being downloaded is
 * read once from front to back; a range that lies before one already served is legal, but makes the
 * caller seek. A format whose metadata must be read in an order of its own (the root first, then tables
 * near the end of the file) wants one range at a time. Constants compete with ranges from the moment they
 * are in the graph: a format that would have its metadata first adds them in the last `take`, or in
 * `finish`.
 *
 * Segments. A format whose file has the nodes of a segment together (a delegate's payload) adds them as a
 * segment; passes run on it, and its weights are packed, right after that `take`. A format with one flat
 * list of nodes leaves ew_node.segment at EW_NONE and adds one step per node; the loader partitions the
 * graph when it is complete.
 *
 * Trust. The file is hostile: a format checks each byte once, against the limits of base/limits.h and
 * against file_size, and reports through ew_error what is wrong and where. It adds to the graph only what
 * ew_graph_check_nodes has accepted. That looks at nodes alone; nobody looks again at the rest:
 *
 *   - ids in the graph's inputs and outputs, steps, branches, values (of constants) and derivations,
 *   - that each rank is at most EW_MAX_RANK, and that the method has a name,
 *   - that a constant lies in the file and has all bytes that the values, scales and states need which name it,
 *   - that a kernel node has a kernel, and inputs and attrs as its signature says,
 *   - that a step has written a value before another reads it. */
#ifndef EW_FORMAT_FORMAT_H
#define EW_FORMAT_FORMAT_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/text.h"
#include "graph/ir.h"

/* Bytes at the start of a file that are read before its format is known. */
enum { EW_FORMAT_HEAD_BYTES = 64 };

/* One file being read; each format defines its own. */
typedef struct ew_reader ew_reader;

typedef struct ew_format_context {
  ew_arena *arena;    /* the model's: what the graph or `methods` points to lives here */
  ew_graph *graph;    /* empty; the format sets its name, inputs, outputs, values, nodes, steps */
  uint64_t file_size; /* bytes; UINT64_MAX = unknown (a download without a stated length) */
  uint64_t
      data_size; /* bytes of a second file with weights, 0: none; only with a known file_size. Its
                         byte 0 is byte file_size of all ranges */
  const char *method; /* the method to load; NULL: the format's default; lives in the arena */
  const size_t
      *input_sizes; /* sizes of all inputs, one after another, where the file leaves some free;
                                NULL: the file's; lives in the arena */
  uint32_t num_input_sizes;
  size_t picture_size
      [2]; /* height and width of pictures, where sizes are free and input_sizes are not given; 0: unknown */
} ew_format_context;

/* Bytes [offset, offset + size) of the file go to data, which stays the format's and must not move before
 * the range is taken. size 0 is legal: the range is taken when its turn comes, without any reading. */
typedef struct ew_format_range {
  uint64_t offset;
  size_t size;
  uint8_t *data;
  uint32_t tag; /* means something to the format only */
} ew_format_range;

typedef struct ew_format {
  const char *name; /* "pte": shown by `inspect` */
  const char *magic; /* completes "the file has no …": "ExecuTorch magic 'ET12' at byte 4 (.pte)" */

  /* True when the head (at most EW_FORMAT_HEAD_BYTES, fewer when the file is shorter) is of this format.
   * A look at the magic only: what else may be wrong is open's to report. */
  bool (*sniff)(ew_bytes head);

  /* Starts reading. head is valid during the call. On failure there is nothing to destroy.
   * The context itself may be kept by value. */
  ew_status (*open)(const ew_format_context *context, ew_bytes head, ew_reader **out,
                    ew_error *err);

  /* Writes a range that is wanted and was not given before; false when there is none at present. */
  bool (*want)(ew_reader *reader, ew_format_range *out);

  /* A range that `want` gave has arrived. EW_NOT_FOUND when context.method is not in the file (the message
   * lists those that are), EW_OPERATOR_MISSING names every operator that is missing,
   * EW_DELEGATE_INCOMPATIBLE a foreign backend. */
  ew_status (*take)(ew_reader *reader, const ew_format_range *range, ew_error *err);

  /* The bytes [offset, offset + size) of the file if the format has them in memory now, else NULL; valid
   * until `release`. So inline constants are not read a second time. NULL: it never has. */
  const uint8_t *(*held)(const ew_reader *reader, uint64_t offset, size_t size);
  /* The loader has copied what it needs: bytes kept for `held` alone may be freed. NULL: nothing to do. */
  void (*release)(ew_reader *reader);

  /* True when all that the graph needs was taken. Ranges that only `describe` needs may be outstanding:
   * labels behind the weights must not hold up the weights. Asked after open and after each take. */
  bool (*complete)(const ew_reader *reader);
  /* Called once, when complete. Adds what could not be added before (the order of steps); afterwards the
   * graph is complete. */
  ew_status (*finish)(ew_reader *reader, ew_error *err);

  /* Names of all methods of the file, in the arena. Valid after finish. */
  void (*methods)(const ew_reader *reader, const char *const **out_names, uint32_t *out_count);

  /* Appends what only this format knows about the model (labels, normalisation, description) as members
   * of a JSON object, each with a comma in front: `,"labels":["cat","dog"]`. Called once, at the end of
   * loading: all ranges have been taken. NULL: nothing to tell. */
  void (*describe)(const ew_reader *reader, ew_text *text);

  void (*destroy)(ew_reader *reader);
} ew_format;

/* The table of formats, NULL at its end (format/formats.c). A format is added by a folder beside pte/ and
 * a row there. */
extern const ew_format *const ew_formats[];

/* The format that knows the head of a file. EW_INVALID_PROGRAM names the magics that were looked for. */
ew_status ew_format_find(ew_bytes head, const ew_format **out, ew_error *err);

#endif
