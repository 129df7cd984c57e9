/* Row-major inputs and outputs, and memory for results. */
#include "task/task.h"

#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "task/tasks.h"

/* Memory that grows when it is asked for more. */
typedef struct buffer {
  void *data;
  size_t capacity;
} buffer;

struct ew_task {
  ew_model *model;
  uint32_t num_inputs, num_outputs;
  buffer *inputs;  /* per input: row-major elements for a model that has another order */
  buffer *outputs; /* per output: its row-major copy */
  bool *staged;    /* per input: its elements are to be handed on */
  buffer reals;    /* what is made of an output: f32 planes, logarithms */
  buffer result;   /* elements of the last result */
  buffer tensors;  /* its ew_tensors */
  uint32_t count;
};

/* Room for count items of `each` bytes; NULL when there is none. */
static void *grow(buffer *memory, size_t count, size_t each) {
  size_t size = 0;
  if (!ew_mul_size(count, each, &size)) return NULL;
  if (size == 0) size = 1;
  if (memory->capacity >= size) return memory->data;
  ew_free(memory->data);
  memory->data = ew_alloc(size);
  memory->capacity = memory->data != NULL ? size : 0;
  return memory->data;
}

ew_status ew_task_create(ew_model *model, ew_task **out, ew_error *err) {
  const uint32_t count = ew_model_num_inputs(model), outputs = ew_model_num_outputs(model);
  const size_t size = sizeof(ew_task) + (count + outputs) * sizeof(buffer) + count * sizeof(bool);
  ew_task *task = ew_alloc(size);
  if (task == NULL) {
    ew_model_destroy(model);
    return ew_fail(err, EW_OUT_OF_MEMORY, "out of memory: a model of %u inputs and %u outputs",
                   count, outputs);
  }
  memset(task, 0, size);
  task->model = model;
  task->num_inputs = count;
  task->inputs = (buffer *)(void *)(task + 1);
  task->num_outputs = outputs;
  task->outputs = task->inputs + count;
  task->staged = (bool *)(task->outputs + outputs);
  *out = task;
  return EW_OK;
}

void ew_task_destroy(ew_task *task) {
  if (task == NULL) return;
  for (uint32_t i = 0; i < task->num_inputs; i++) ew_free(task->inputs[i].data);
  for (uint32_t i = 0; i < task->num_outputs; i++) ew_free(task->outputs[i].data);
  ew_free(task->reals.data);
  ew_free(task->result.data);
  ew_free(task->tensors.data);
  ew_model_destroy(task->model);
  ew_free(task);
}

ew_model *ew_task_model(const ew_task *task) { return task->model; }

ew_status ew_task_set_input(ew_task *task, uint32_t index, ew_dtype dtype, uint32_t rank,
                            const size_t *dims, ew_tensor *out, ew_error *err) {
  EW_TRY(ew_model_set_input(task->model, index, dtype, rank, dims, out, err));
  task->staged[index] = false;
  if (ew_tensor_is_contiguous(out)) return EW_OK;
  out->data = grow(&task->inputs[index], 1, ew_tensor_bytes(out));
  EW_CHECK(out->data != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a copy of input %u", index);
  task->staged[index] = true;
  return EW_OK;
}

ew_status ew_task_run(ew_task *task, ew_error *err) {
  for (uint32_t i = 0; i < task->num_inputs; i++) {
    if (!task->staged[i]) continue;
    ew_tensor input;
    EW_TRY(ew_model_input(task->model, i, &input, err));
    ew_tensor_from_row_major(&input, task->inputs[i].data);
    task->staged[i] = false;
  }
  return ew_model_run(task->model, err);
}

ew_status ew_task_output(ew_task *task, uint32_t index, ew_tensor *out, ew_error *err) {
  EW_TRY(ew_model_output(task->model, index, out, err));
  if (ew_tensor_is_contiguous(out)) return EW_OK;
  void *copy = grow(&task->outputs[index], 1, ew_tensor_bytes(out));
  EW_CHECK(copy != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a copy of output %u", index);
  ew_tensor_to_row_major(out, copy);
  out->data = copy;
  ew_tensor_set_strides(out, NULL);
  return EW_OK;
}

void *ew_task_reserve(ew_task *task, uint32_t count, size_t bytes) {
  task->count = 0;
  if (grow(&task->tensors, count, sizeof(ew_tensor)) == NULL) return NULL;
  void *elements = grow(&task->result, 1, bytes);
  if (elements != NULL) task->count = count;
  return elements;
}

void ew_task_put(ew_task *task, uint32_t index, ew_dtype dtype, uint32_t rank, const size_t *dims,
                 void *data) {
  ew_tensor tensor = {.dtype = dtype, .rank = rank, .data = data};
  memcpy(tensor.dims, dims, rank * sizeof *dims);
  ew_tensor_set_strides(&tensor, NULL);
  ((ew_tensor *)task->tensors.data)[index] = tensor;
}

float *ew_task_reals(ew_task *task, size_t count) {
  return grow(&task->reals, count, sizeof(float));
}

ew_task_result ew_task_results(const ew_task *task) {
  return (ew_task_result){task->tensors.data, task->count};
}
