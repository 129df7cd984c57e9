/* What the rows of tasks.def share. Each reads row-major outputs (output 0 is handed over as f32 planes, ew_task_output
 * gives the others) and fills in a result. */
#ifndef EW_TASK_TASKS_H
#define EW_TASK_TASKS_H

#include "task/task.h"

typedef ew_status ew_task_fn(ew_task *task, const ew_tensor *output, const ew_task_request *request,
                             ew_error *err);

/* ew_task_classify and so on. */
#define EW_TASK(name, run) ew_task_fn run;
#include "task/tasks.def"
#undef EW_TASK

/* Makes room for a result of count tensors and `bytes` bytes of elements; what was there before goes.
 * Returns the elements, 16-byte aligned; NULL when out of memory. */
void *ew_task_reserve(ew_task *task, uint32_t count, size_t bytes);
/* The tensors that were put. */
ew_task_result ew_task_results(const ew_task *task);
/* Memory for count numbers that are made of an output's elements, NULL when out of memory. Those elements may
 * lie there already, in the same places. */
float *ew_task_reals(ew_task *task, size_t count);
/* Fills in tensor number index of the result. */
void ew_task_put(ew_task *task, uint32_t index, ew_dtype dtype, uint32_t rank, const size_t *dims,
                 void *data);

#endif
