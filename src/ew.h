/* The public C API of executorch-web, in tiers: load -> run -> inspect. Images and tasks have headers of
 * their own (image/image.h, task/task.h).
 *
 * Loading is a conversation: the library says which bytes of the file it wants next and where they go,
 * the caller copies them there, front to back but for odd files. So a model can be packed while it is
 * downloaded, and no copy of the file is ever held.
 *
 *   ew_load_begin(&options, &load, &err);
 *   for (ew_want want; (want = ew_load_want(load)).size > 0;) {
 *     memcpy(want.data, file + want.offset, want.size);
 *     ew_load_advance(load, want.size, &err);
 *   }
 *   ew_load_finish(load, &model, &err);
 *
 * Nothing here is thread-safe; different models may be used from different threads. */
#ifndef EW_H
#define EW_H

#include "base/status.h"
#include "base/tensor.h"
#include "base/text.h"
#include "exec/executor.h"
#include "graph/ir.h"
#include "image/image.h"

typedef struct ew_load ew_load;
typedef struct ew_model ew_model;

/* --- loading ------------------------------------------------------------------------------------- */

typedef struct ew_load_options {
  uint64_t file_size; /* bytes; UINT64_MAX when unknown */
  uint64_t data_size; /* bytes of a data file (.ptd) behind the model: its byte 0 is wanted as byte
                         file_size, which must be known; 0: none */
  const char *method; /* NULL: "forward", or the only method; copied */
  const size_t
      *input_sizes; /* sizes of all inputs, one after another, for formats whose inputs leave some
                                free (.tflite); copied. NULL: the file's */
  uint32_t num_input_sizes;
  size_t picture_size
      [2]; /* height and width that pictures are meant to have: tried first where input_sizes are not
                             given and the file leaves sizes free; 0: unknown */
  bool skip_passes;                /* leave the graph as the file states it (tests) */
  bool profile;                    /* keep time per operator */
  uint32_t num_threads;            /* 0 or 1: the calling thread */
  const ew_executor_ops *executor; /* NULL: the first of ew_executors */
  uint64_t max_work;               /* multiplications of one run; 0: EW_MAX_WORK (base/limits.h) */
  uint64_t max_output_bytes;       /* of all outputs of a run; 0: EW_MAX_OUTPUT_BYTES */
} ew_load_options;

/* Bytes [offset, offset + size) of the file go to data. size 0: nothing more is wanted. */
typedef struct ew_want {
  uint64_t offset;
  size_t size;
  void *data;
} ew_want;

ew_status ew_load_begin(const ew_load_options *options, ew_load **out, ew_error *err);
/* What is wanted now; the same answer until ew_load_advance. */
ew_want ew_load_want(const ew_load *load);
/* The first n (1..want.size) bytes of the current want are in place. Parses and packs what has become
 * complete. After an error only ew_load_destroy may follow. */
ew_status ew_load_advance(ew_load *load, size_t n, ew_error *err);
/* Turns a complete load into a model; the load is consumed also on failure. */
ew_status ew_load_finish(ew_load *load, ew_model **out, ew_error *err);
void ew_load_destroy(ew_load *load);

/* A file in memory, in one call. The bytes may be freed afterwards. */
ew_status ew_model_load(const void *bytes, size_t size, const ew_load_options *options,
                        ew_model **out, ew_error *err);
void ew_model_destroy(ew_model *model);

/* --- running ------------------------------------------------------------------------------------- */

uint32_t ew_model_num_inputs(const ew_model *model);
uint32_t ew_model_num_outputs(const ew_model *model);
/* Type and shape (the upper bound of a dynamic one); data is NULL. index must be in range. */
ew_tensor ew_model_input_info(const ew_model *model, uint32_t index);
ew_tensor ew_model_output_info(const ew_model *model, uint32_t index);

/* Prepares input index of the next run. The type must be the model's; the shape too, but for dynamic
 * inputs, which may be smaller. out->data receives the elements, in the order of out->strides, and
 * keeps them from run to run; it stays valid until the shape of this input changes.
 * Errors: EW_UNEXPECTED_NUM_INPUTS, EW_INVALID_TYPE, EW_WRONG_DIMENSIONS, EW_OUT_OF_MEMORY,
 * EW_INVALID_STATE during a run. */
ew_status ew_model_set_input(ew_model *model, uint32_t index, ew_dtype dtype, uint32_t rank,
                             const size_t *dims, ew_tensor *out, ew_error *err);
/* Input index as it was set: its current shape, strides and memory. EW_INVALID_STATE before. */
ew_status ew_model_input(const ew_model *model, uint32_t index, ew_tensor *out, ew_error *err);
/* The same for a picture: resizes it to the input's [1, 3, H, W], [3, H, W] or NHWC size and writes
 * (px - 255 mean) / (255 std); mean and std are 3 values each, NULL for px / 255.
 * Errors: those of ew_model_set_input and of ew_image_to_tensor. */
ew_status ew_model_set_image(ew_model *model, uint32_t index, const ew_image *image,
                             const float *mean, const float *std, ew_error *err);
/* Starts a run; ew_model_poll continues it. EW_UNEXPECTED_NUM_INPUTS when an input was never set,
 * EW_INVALID_STATE during a run, EW_WRONG_DIMENSIONS when sizes of dynamic inputs do not fit the model's nodes. */
ew_status ew_model_start(ew_model *model, ew_error *err);
/* Continues the run until it is done (EW_DONE) or has to wait for what the executor works on
 * (EW_WAITING: poll again, after what it waits for has had a chance to happen). A failure ends the run. */
ew_status ew_model_poll(ew_model *model, ew_progress *out, ew_error *err);
/* Starts a run and polls until it is done: for executors that need nothing of the caller meanwhile.
 * XNNPACK is done with the first poll. */
ew_status ew_model_run(ew_model *model, ew_error *err);
/* Output index of the last run, valid until the next run. Row-major unless strides say otherwise. */
ew_status ew_model_output(const ew_model *model, uint32_t index, ew_tensor *out, ew_error *err);

/* True when the graph ends in what makes values from 0 to 1 (sigmoid, softmax, a clamp, an 8-bit scale), seen
 * through what moves or blends them. False for logits, and for what cannot be told. */
bool ew_model_output_is_probability(const ew_model *model, uint32_t index);
/* Of an output of 8 bits that stands for reals: real = scale * (q - zero_point); false for others. */
bool ew_model_output_scale(const ew_model *model, uint32_t index, float *scale,
                           int32_t *zero_point);
/* True when input 0 is a picture [1,height,width,3]: maps that come out then have their channels last, too. */
bool ew_model_has_channels_last(const ew_model *model);

/* --- inspecting ---------------------------------------------------------------------------------- */

/* Appends a JSON object: format, methods, method, inputs, outputs, operators, nodes, segments, memory. */
void ew_model_info(const ew_model *model, ew_text *text);
/* Appends the graph as text. */
void ew_model_dump(const ew_model *model, ew_text *text);
/* Appends a JSON array [{"name","segment","microseconds"}] of the last run; empty before it, and without
 * options.profile. */
void ew_model_profile(const ew_model *model, ew_text *text);

#endif
