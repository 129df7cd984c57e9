/* Loading as a conversation, whatever the format: says which bytes of the file are wanted next and where
 * they go, and turns what has arrived into a graph and, weight by weight, into what the executor keeps.
 * Metadata is asked for as the format wants it, constants when they are used; both lowest offset first. */
#ifndef EW_LOAD_LOAD_H
#define EW_LOAD_LOAD_H

#include "exec/executor.h"
#include "format/format.h"
#include "graph/ir.h"

typedef struct ew_loader ew_loader;

typedef struct ew_loader_options {
  uint64_t file_size;        /* bytes; UINT64_MAX when unknown */
  uint64_t data_size;        /* bytes of a data file, which lies behind the model's; 0: none */
  const char *method;        /* NULL: the format's default */
  const size_t *input_sizes; /* NULL: the file's */
  uint32_t num_input_sizes;
  size_t picture_size[2]; /* height, width; 0: unknown */
  bool skip_passes;       /* leave the graph as the file states it */
  const ew_executor_ops *executor;
  ew_executor_options executor_options;
} ew_loader_options;

/* What a complete load knows beside the graph; texts live in the graph's arena. */
typedef struct ew_file_facts {
  const char *format; /* "pte" */
  const char *const *method_names;
  uint32_t num_methods;
  const char *
      members; /* members of a JSON object that only the format knows, each with a comma in front */
} ew_file_facts;

/* graph is empty; it and *out_executor (NULL until the executor is there) belong to the caller and must
 * outlive the loader, also when loading fails. options is copied, what it points to is not. */
ew_status ew_loader_begin(const ew_loader_options *options, ew_graph *graph,
                          ew_executor **out_executor, ew_loader **out, ew_error *err);
/* What is wanted now and where it goes; the same answer until ew_loader_advance. size 0: nothing more. */
ew_format_range ew_loader_want(const ew_loader *loader);
/* The first n (1..want.size) bytes of the current want are in place. After an error only
 * ew_loader_destroy may follow. */
ew_status ew_loader_advance(ew_loader *loader, size_t n, ew_error *err);
/* Nothing is wanted any more: the graph is complete. EW_INVALID_STATE when something is missing. */
ew_status ew_loader_finish(ew_loader *loader, ew_file_facts *out, ew_error *err);
void ew_loader_destroy(ew_loader *loader);

#endif
