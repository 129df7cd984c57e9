/* Embeddings: the output as it is. Outputs must be numbers: a damaged model shows itself here, not as a strange picture. */
#include "task/arrays.h"
#include "task/tasks.h"

ew_status ew_task_embed(ew_task *task, const ew_tensor *output, const ew_task_request *request,
                        ew_error *err) {
  (void)request;
  EW_CHECK(output->dtype == EW_F32, err, EW_INVALID_MODEL_OUTPUT,
           "output 0 has type %s; an embedding is f32", ew_dtype_name(output->dtype));
  EW_CHECK(ew_task_reserve(task, 1, 0) != NULL, err, EW_OUT_OF_MEMORY, "out of memory");
  ew_task_put(task, 0, EW_F32, output->rank, output->dims, output->data);
  return ew_check_finite(output->data, ew_tensor_numel(output), err);
}
