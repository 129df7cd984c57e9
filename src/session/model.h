/* A loaded model, shared by the files of session/. */
#ifndef EW_SESSION_MODEL_H
#define EW_SESSION_MODEL_H

#include "ew.h"
#include "exec/executor.h"
#include "kernels/kernel.h"
#include "load/load.h"

/* Live range of a piece of memory, in step numbers. */
typedef struct ew_storage {
  uint32_t first, last; /* steps */
  size_t size, offset;  /* in the planned memory */
  bool planned;         /* false: elsewhere (constant, state, input) */
} ew_storage;

typedef struct ew_input_buffer {
  void *data;
  size_t capacity;
  bool set;
} ew_input_buffer;

#define EW_STEP_NOT_TAKEN UINT64_MAX

/* Whether a value's elements all lie in 0..1. */
typedef uint8_t ew_unit;
enum { EW_UNIT_UNWRITTEN = 0, EW_UNIT, EW_UNIT_NOT };

struct ew_model {
  ew_arena arena;
  ew_graph graph;
  ew_executor *executor;
  bool profile;
  uint64_t max_work; /* multiplications and elements of one run */
  uint64_t max_output_bytes;
  ew_file_facts file; /* what its format tells about it */
  uint64_t file_size;

  ew_tensor *tensors;      /* per value: current shape and data */
  ew_unit *units;          /* per value */
  uint32_t *storage_of;    /* per value: the storage it lies in (views share), EW_NONE */
  ew_storage *storages;    /* per value that is the root of one */
  void **states;           /* per value: memory of mutable buffers and scalars, or NULL */
  ew_input_buffer *inputs; /* per method input */
  size_t scratch_size;
  void *memory; /* planned memory, scratch at its end */
  size_t memory_size, memory_capacity;
  uint64_t *step_times; /* microseconds of the last run, per step; EW_STEP_NOT_TAKEN */
  bool shapes_ready;    /* tensors and plan fit the inputs' shapes */
  bool pointers_ready;  /* the executor knows all pointers */
  bool has_run;
  /* A run that has been started and is not done. */
  bool running, step_started;
  uint32_t step;
  uint64_t step_start; /* when it started, with profile */
};

/* views.c: turns kernels that only copy (clone, view_copy, a cast to the same type, an expand to the same
 * shape) into views. */
void ew_views_for_copies(ew_graph *graph);
/* masked_rows.c: makes one kernel of those that mask the softmax of an attention. */
ew_status ew_fold_masked_rows(ew_graph *graph, ew_error *err);
/* fold.c: runs what depends on constants only, and drops it from the steps. */
ew_status ew_fold_constants(ew_graph *graph, ew_error *err);
/* outputs.c: finds what lies in 0..1, in one walk over the steps. */
ew_status ew_model_find_units(ew_model *model, ew_error *err);
/* prepare.c: buffers, shapes and memory of a model whose graph is complete; shapes and memory again, after a dynamic
 * input has changed. */
ew_status ew_model_init(ew_model *model, ew_error *err);
ew_status ew_model_prepare(ew_model *model, ew_error *err);
/* Takes over what the current step, of EW_KERNEL_SIZES, has made; prepares the steps behind it when that
 * is not what they were prepared for. */
ew_status ew_model_prepare_behind(ew_model *model, const ew_tensor *outputs, ew_error *err);

/* shapes.c: finds the shapes of all values from step number first on; the need for scratch memory only grows. */
ew_status ew_model_find_shapes(ew_model *model, uint32_t first, ew_error *err);
/* That a value has the shape that the file declares, or, when dynamic, no more elements. who: for the message. */
ew_status ew_model_check_shape(const ew_model *model, uint32_t value, const char *who,
                               ew_error *err);
/* Cuts the shapes that prepare gave to outputs of EW_KERNEL_SIZES down to those that the file declares. */
void ew_model_bound_outputs(const ew_model *model, const ew_node *node, ew_tensor *outputs);

/* plan.c: lifetimes and places of values follow from the steps. */
void ew_model_find_lifetimes(ew_model *model);
/* Lays values out in working memory, which grows when it has to. */
ew_status ew_model_plan_memory(ew_model *model, ew_error *err);
/* That shapes smaller than planned still fit into the places planned. */
ew_status ew_model_check_room(const ew_model *model, ew_error *err);
/* Where each value's elements lie now. */
void ew_model_assign_pointers(ew_model *model);

/* A call of a kernel step, in memory of its own. */
typedef struct ew_step_call {
  ew_call call;
  ew_tensor *inputs; /* those of the call */
  ew_arena arena;
} ew_step_call;

/* call.c: fills in tensors and symbolic numbers as they are now. End it, after a failure too. */
ew_status ew_step_call_begin(const ew_model *model, const ew_node *node, ew_step_call *out,
                             ew_error *err);
/* Runs it in its scratch memory, on row-major copies of tensors where the kernel wants them. */
ew_status ew_step_call_run(const ew_model *model, ew_step_call *c);
void ew_step_call_end(ew_step_call *c);
/* Bytes of scratch memory for row-major copies of a kernel's tensors. */
uint64_t ew_dense_bytes(const ew_model *model, const ew_node *node);

#endif
