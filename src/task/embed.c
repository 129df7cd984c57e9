/* Embeddings: the output as it is. Outputs must be numbers: a damaged model shows itself here, not as a strange picture. */
#include "base/simd.h"
#include "task/arrays.h"
#include "task/tasks.h"

ew_status ew_check_finite(const float *values, size_t n, ew_error *err) {
  EW_CHECK(n > 0, err, EW_INVALID_MODEL_OUTPUT, "the model's output is empty");
  /* x - x is 0 for finite numbers and NaN for all others. */
  ew_f32x4 sum = {0};
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const ew_f32x4 v = ew_v4_load(values + i);
    sum += v - v;
  }
  float rest = ew_v4_sum(sum);
  for (; i < n; i++) rest += values[i] - values[i];
  if (rest == 0.0f) return EW_OK;
  for (i = 0; values[i] - values[i] == 0.0f;) i++;
  return ew_fail(err, EW_INVALID_MODEL_OUTPUT,
                 "value %zu of the model's %zu outputs is %g: the model or its input is damaged", i,
                 n, (double)values[i]);
}

ew_status ew_task_embed(ew_task *task, const ew_tensor *output, const ew_task_request *request,
                        ew_error *err) {
  (void)request;
  EW_CHECK(output->dtype == EW_F32, err, EW_INVALID_MODEL_OUTPUT,
           "output 0 has type %s; an embedding is f32", ew_dtype_name(output->dtype));
  EW_CHECK(ew_task_reserve(task, 1, 0) != NULL, err, EW_OUT_OF_MEMORY, "out of memory");
  ew_task_put(task, 0, EW_F32, output->rank, output->dims, output->data);
  return ew_check_finite(output->data, ew_tensor_numel(output), err);
}
