/* The rows of tasks.def, and what they share. Each reads a row-major output and fills in a result. */
#ifndef EW_TASK_TASKS_H
#define EW_TASK_TASKS_H

#include "task/task.h"

typedef ew_status ew_task_fn(ew_task *task, const ew_tensor *output, const ew_task_request *request,
                             ew_error *err);

/* Argument, optional: 1 for the model's values as they are. Result: f32 [n], the softmax of n f32 logits; outputs
 * that are probabilities (ew_model_output_is_probability) stay as they are. */
ew_task_fn ew_task_classify;
/* No arguments. Result: the f32 output itself, checked to be finite. */
ew_task_fn ew_task_embed;
/* Arguments: 1 for maps of the picture's size, 0 for the model's; then the classes whose planes are wanted.
 * Results: i32 [height, width] with the class of each pixel, then one f32 plane of probabilities per class.
 * The output is f32 logits [1, classes, height, width] or [classes, height, width]; a single channel is the
 * foreground, as a probability or as a logit (ew_model_output_is_probability). */
ew_task_fn ew_task_segment;

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
