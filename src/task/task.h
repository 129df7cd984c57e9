/* A model as callers outside use it: row-major tensors in and out whatever the model's own order is, and
 * results of tasks (tasks.def). Plain arrays go to task/arrays.h. */
#ifndef EW_TASK_TASK_H
#define EW_TASK_TASK_H

#include "ew.h"

/* A model with the memory that holds row-major copies and results. */
typedef struct ew_task ew_task;

/* Takes the model over, which dies with the result; on failure it is destroyed too. */
ew_status ew_task_create(ew_model *model, ew_task **out, ew_error *err);
void ew_task_destroy(ew_task *task);
ew_model *ew_task_model(const ew_task *task);

/* ew_model_set_input, but out->data receives row-major elements; they are handed on by ew_task_run. */
ew_status ew_task_set_input(ew_task *task, uint32_t index, ew_dtype dtype, uint32_t rank,
                            const size_t *dims, ew_tensor *out, ew_error *err);
/* ew_model_run with the inputs that were set. */
ew_status ew_task_run(ew_task *task, ew_error *err);
/* ew_model_output with row-major elements, valid until the next run. */
ew_status ew_task_output(ew_task *task, uint32_t index, ew_tensor *out, ew_error *err);

/* What a task is asked. */
typedef struct ew_task_request {
  const char *name;        /* a row of tasks.def */
  uint32_t width, height;  /* of the picture that was the input, in pixels; 0 when there was none */
  const double *arguments; /* [count], as task/tasks.h describes them */
  uint32_t count;
} ew_task_request;

/* Row-major tensors, valid until the next call with the same ew_task. */
typedef struct ew_task_result {
  const ew_tensor *tensors;
  uint32_t count;
} ew_task_result;

/* Computes a result from output 0 of the last run.
 * Errors: EW_NOT_FOUND (no such task), EW_INVALID_MODEL_OUTPUT, EW_INVALID_USER_INPUT, EW_OUT_OF_MEMORY. */
ew_status ew_task_result_of(ew_task *task, const ew_task_request *request, ew_task_result *out,
                            ew_error *err);

#endif
