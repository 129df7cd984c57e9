/* Inputs, run, outputs. */
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "session/model.h"

uint32_t ew_model_num_inputs(const ew_model *model) { return model->graph.num_inputs; }
uint32_t ew_model_num_outputs(const ew_model *model) { return model->graph.num_outputs; }

static ew_tensor declared(const ew_model *model, uint32_t id) {
  const ew_value *value = &model->graph.values[id];
  ew_tensor tensor = {.dtype = value->dtype, .rank = value->rank};
  memcpy(tensor.dims, value->dims, sizeof tensor.dims);
  ew_tensor_set_strides(&tensor, value->order);
  return tensor;
}

ew_tensor ew_model_input_info(const ew_model *model, uint32_t index) {
  return declared(model, model->graph.inputs[index]);
}
ew_tensor ew_model_output_info(const ew_model *model, uint32_t index) {
  return declared(model, model->graph.outputs[index]);
}

static ew_status check_input(const ew_model *model, uint32_t index, ew_dtype dtype, uint32_t rank,
                             const size_t *dims, ew_error *err) {
  EW_CHECK(index < model->graph.num_inputs, err, EW_UNEXPECTED_NUM_INPUTS,
           "input %u was given, the model has %u", index, model->graph.num_inputs);
  const ew_value *value = &model->graph.values[model->graph.inputs[index]];
  EW_CHECK(dtype == value->dtype, err, EW_INVALID_TYPE, "input %u has type %s, the model takes %s",
           index, ew_dtype_name(dtype), ew_dtype_name(value->dtype));
  size_t n = 1, bound = 1;
  bool same = rank == value->rank;
  for (uint32_t d = 0; d < value->rank && same; d++) same = dims[d] == value->dims[d];
  bool fits = rank == value->rank && (value->flags & EW_VALUE_DYNAMIC) != 0;
  for (uint32_t d = 0; fits && d < rank; d++) {
    fits = dims[d] <= EW_MAX_TENSOR_BYTES && ew_mul_size(n, dims[d], &n);
    bound *= value->dims[d];
  }
  char given[128], wanted[128];
  EW_CHECK(same || (fits && n <= bound), err, EW_WRONG_DIMENSIONS,
           "input %u has shape %s, the model takes %s%s", index,
           ew_shape_text(dims, rank < EW_MAX_RANK ? rank : EW_MAX_RANK, given, sizeof given),
           value->flags & EW_VALUE_DYNAMIC ? "at most " : "",
           ew_shape_text(value->dims, value->rank, wanted, sizeof wanted));
  return EW_OK;
}

ew_status ew_model_set_input(ew_model *model, uint32_t index, ew_dtype dtype, uint32_t rank,
                             const size_t *dims, ew_tensor *out, ew_error *err) {
  EW_CHECK(!model->running, err, EW_INVALID_STATE, "input %u was given while the model is running",
           index);
  EW_TRY(check_input(model, index, dtype, rank, dims, err));
  const uint32_t id = model->graph.inputs[index];
  ew_tensor *tensor = &model->tensors[id];
  ew_input_buffer *buffer = &model->inputs[index];
  for (uint32_t d = 0; d < rank; d++) {
    if (tensor->dims[d] != dims[d]) model->shapes_ready = false;
    tensor->dims[d] = dims[d];
  }
  ew_tensor_set_strides(tensor, model->graph.values[id].order);
  const size_t bytes = ew_tensor_bytes(tensor);
  if (bytes > buffer->capacity || buffer->data == NULL) {
    ew_free(buffer->data);
    buffer->capacity = 0;
    tensor->data = NULL;
    buffer->data = ew_alloc(bytes);
    EW_CHECK(buffer->data != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu bytes for input %u",
             bytes, index);
    memset(buffer->data, 0, bytes + EW_EXTRA_BYTES);
    buffer->capacity = bytes;
    /* Views of the input and XNNPACK must learn the new address. */
    model->pointers_ready = false;
  }
  tensor->data = buffer->data;
  buffer->set = true;
  *out = *tensor;
  return EW_OK;
}

ew_status ew_model_input(const ew_model *model, uint32_t index, ew_tensor *out, ew_error *err) {
  EW_CHECK(index < model->graph.num_inputs && model->inputs[index].set, err, EW_INVALID_STATE,
           "input %u has not been set", index);
  *out = model->tensors[model->graph.inputs[index]];
  return EW_OK;
}

ew_status ew_model_set_image(ew_model *model, uint32_t index, const ew_image *image,
                             const float *mean, const float *std, ew_error *err) {
  EW_CHECK(index < model->graph.num_inputs, err, EW_UNEXPECTED_NUM_INPUTS,
           "a picture was given for input %u, the model has %u", index, model->graph.num_inputs);
  /* What takes pictures is known before memory is spent: the tensor function checks type and shape. */
  const ew_value *value = &model->graph.values[model->graph.inputs[index]];
  ew_tensor tensor = {0};
  size_t dims[EW_MAX_RANK] = {0};
  for (uint32_t d = 0; d < value->rank; d++) dims[d] = value->dims[d];
  /* One picture is a batch of 1, whatever the upper bound. */
  if (value->rank == 4 && (value->flags & EW_VALUE_DYNAMIC) != 0) dims[0] = 1;
  EW_TRY(ew_model_set_input(model, index, value->dtype, value->rank, dims, &tensor, err));
  const bool quantised = value->quant.kind == EW_QUANT_TENSOR;
  ew_affine quant = {0};
  if (quantised) quant = (ew_affine){value->quant.scale[0], value->quant.zero_point};
  return ew_image_to_tensor(image, mean, std, quantised ? &quant : NULL, &tensor, err);
}

/* --- run ------------------------------------------------------------------------------------------ */

static ew_status setup_segment(ew_model *model, uint32_t index, ew_error *err) {
  const ew_segment *segment = &model->graph.segments[index];
  void **pointers = NULL;
  ew_arena arena;
  ew_arena_init(&arena);
  ew_status status = ew_arena_alloc(&arena, (size_t)segment->num_inputs + segment->num_outputs,
                                    sizeof *pointers, &pointers, err);
  if (status == EW_OK) {
    for (uint32_t i = 0; i < segment->num_inputs; i++) {
      pointers[i] = model->tensors[segment->inputs[i]].data;
    }
    for (uint32_t i = 0; i < segment->num_outputs; i++) {
      pointers[segment->num_inputs + i] = model->tensors[segment->outputs[i]].data;
    }
    status = model->executor->ops->setup(model->executor, index, pointers,
                                         pointers + segment->num_inputs, err);
  }
  ew_arena_free(&arena);
  return status;
}

/* --- kernels ---------------------------------------------------------------------------------------- */

/* Runs a kernel that finds out how large its outputs are. */
static ew_status run_sized(ew_model *model, ew_call *call, ew_error *err) {
  const ew_node *node = call->node;
  const size_t scratch_size = call->scratch_size;
  EW_TRY(node->kernel->prepare(call));
  call->scratch_size = scratch_size;
  ew_model_bound_outputs(model, node, call->outputs);
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    ew_tensor_set_strides(&call->outputs[i], model->graph.values[node->outputs[i]].order);
  }
  EW_TRY(ew_kernel_run(call));
  return ew_model_prepare_behind(model, call->outputs, err);
}

static ew_status run_call(ew_model *model, ew_step_call *c, ew_error *err) {
  c->call.scratch = (char *)model->memory + model->memory_size;
  c->call.scratch_size = model->scratch_size;
  if (c->call.node->kernel->flags & EW_KERNEL_SIZES) return run_sized(model, &c->call, err);
  return ew_step_call_run(model, c);
}

static ew_status run_kernel(ew_model *model, const ew_node *node, ew_error *err) {
  if (node->op == EW_OP_VIEW || (node->kernel->flags & EW_KERNEL_SHAPE)) return EW_OK;
  ew_step_call c;
  ew_status status = ew_step_call_begin(model, node, &c, err);
  if (status == EW_OK) status = run_call(model, &c, err);
  ew_step_call_end(&c);
  return status;
}

/* A kernel runs at once; a segment may take some polls. */
static ew_status start_step(ew_model *model, ew_step step, ew_error *err) {
  if (step.segment == EW_NONE) return run_kernel(model, &model->graph.nodes[step.node], err);
  if (!model->pointers_ready) EW_TRY(setup_segment(model, step.segment, err));
  return model->executor->ops->start(model->executor, step.segment, err);
}

static ew_status poll_step(ew_model *model, ew_step step, ew_progress *out, ew_error *err) {
  *out = EW_DONE;
  if (step.segment == EW_NONE) return EW_OK;
  return model->executor->ops->poll(model->executor, step.segment, out, err);
}

/* Nodes fitted each other at the file's sizes: those that do not fit now come from the caller. */
static ew_status prepare_given(ew_model *model, ew_error *err) {
  const ew_status status = ew_model_prepare(model, err);
  return status == EW_INVALID_PROGRAM ? (err->code = EW_WRONG_DIMENSIONS) : status;
}

ew_status ew_model_start(ew_model *model, ew_error *err) {
  EW_CHECK(!model->running, err, EW_INVALID_STATE, "the model is running");
  for (uint32_t i = 0; i < model->graph.num_inputs; i++) {
    EW_CHECK(model->inputs[i].set, err, EW_UNEXPECTED_NUM_INPUTS, "input %u of %u has not been set",
             i, model->graph.num_inputs);
  }
  model->has_run = false;
  if (!model->shapes_ready) EW_TRY(prepare_given(model, err));
  if (!model->pointers_ready) ew_model_assign_pointers(model);
  model->running = true;
  model->step_started = false;
  model->step = 0;
  return EW_OK;
}

/* True when the conditions of a branch, and of those around it, hold. */
static bool is_taken(const ew_model *model, uint32_t branch) {
  for (; branch != 0; branch = model->graph.branches[branch].parent) {
    const ew_branch *b = &model->graph.branches[branch];
    if ((*(const uint8_t *)model->tensors[b->condition].data != 0) != b->when) return false;
  }
  return true;
}

/* A later run may take the step that this one passes over. */
static ew_status pass_over(ew_model *model, ew_step step, ew_error *err) {
  if (model->profile) model->step_times[model->step] = EW_STEP_NOT_TAKEN;
  if (step.segment == EW_NONE || model->pointers_ready) return EW_OK;
  return setup_segment(model, step.segment, err);
}

/* Continues with the steps until one waits, or all are done. */
static ew_status advance(ew_model *model, ew_progress *out, ew_error *err) {
  for (; model->step < model->graph.num_steps; model->step++) {
    const ew_step step = model->graph.steps[model->step];
    if (!model->step_started && !is_taken(model, step.branch)) {
      EW_TRY(pass_over(model, step, err));
      continue;
    }
    if (!model->step_started) {
      if (model->profile) model->step_start = ew_now_microseconds();
      EW_TRY(start_step(model, step, err));
      model->step_started = true;
    }
    EW_TRY(poll_step(model, step, out, err));
    if (*out == EW_WAITING) return EW_OK;
    model->step_started = false;
    if (model->profile) {
      model->step_times[model->step] = ew_now_microseconds() - model->step_start;
    }
  }
  *out = EW_DONE;
  model->pointers_ready = true;
  model->has_run = true;
  return EW_OK;
}

ew_status ew_model_poll(ew_model *model, ew_progress *out, ew_error *err) {
  EW_CHECK(model->running, err, EW_INVALID_STATE, "the model has not been started");
  const ew_status status = advance(model, out, err);
  if (status != EW_OK || *out == EW_DONE) model->running = false;
  return status;
}

ew_status ew_model_run(ew_model *model, ew_error *err) {
  ew_progress progress = EW_WAITING;
  EW_TRY(ew_model_start(model, err));
  while (progress == EW_WAITING) EW_TRY(ew_model_poll(model, &progress, err));
  return EW_OK;
}

ew_status ew_model_output(const ew_model *model, uint32_t index, ew_tensor *out, ew_error *err) {
  EW_CHECK(model->has_run, err, EW_INVALID_STATE, "the model has not run yet");
  EW_CHECK(index < model->graph.num_outputs, err, EW_INVALID_ARGUMENT,
           "output %u was asked for, the model has %u", index, model->graph.num_outputs);
  *out = model->tensors[model->graph.outputs[index]];
  return EW_OK;
}

void ew_model_destroy(ew_model *model) {
  if (model == NULL) return;
  if (model->executor != NULL) model->executor->ops->destroy(model->executor);
  if (model->states != NULL) {
    for (uint32_t i = 0; i < model->graph.num_values; i++) ew_free(model->states[i]);
  }
  if (model->inputs != NULL) {
    for (uint32_t i = 0; i < model->graph.num_inputs; i++) ew_free(model->inputs[i].data);
  }
  ew_free(model->memory);
  ew_graph_free(&model->graph);
  ew_arena_free(&model->arena);
  ew_free(model);
}
