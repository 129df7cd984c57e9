/* Classification: logits -> probabilities. */
#include <math.h>
#include <string.h>

#include "task/arrays.h"
#include "task/tasks.h"

ew_status ew_softmax(const float *logits, size_t n, float *out, ew_error *err) {
  EW_CHECK(n > 0, err, EW_INVALID_MODEL_OUTPUT, "the model's output is empty");
  float max = -INFINITY;
  for (size_t i = 0; i < n; i++) {
    EW_CHECK(!isnan(logits[i]) && logits[i] != INFINITY, err, EW_INVALID_MODEL_OUTPUT,
             "logit %zu of %zu is %g: the model or its input is damaged", i, n, (double)logits[i]);
    if (logits[i] > max) max = logits[i];
  }
  EW_CHECK(max > -INFINITY, err, EW_INVALID_MODEL_OUTPUT, "all %zu logits are -infinity", n);
  float sum = 0.0f;
  for (size_t i = 0; i < n; i++) {
    out[i] = expf(logits[i] - max);
    sum += out[i];
  }
  for (size_t i = 0; i < n; i++) out[i] /= sum;
  return EW_OK;
}

ew_status ew_task_classify(ew_task *task, const ew_tensor *output, const ew_task_request *request,
                           ew_error *err) {
  EW_CHECK(output->dtype == EW_F32, err, EW_INVALID_MODEL_OUTPUT,
           "output 0 has type %s; a classifier has f32 logits", ew_dtype_name(output->dtype));
  const size_t n = ew_tensor_numel(output);
  float *probabilities = ew_task_reserve(task, 1, n * sizeof(float));
  EW_CHECK(probabilities != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu probabilities", n);
  ew_task_put(task, 0, EW_F32, 1, &n, probabilities);
  const bool as_is = request->count > 0 && request->arguments[0] != 0;
  if (as_is || ew_model_output_is_probability(ew_task_model(task), 0)) {
    memcpy(probabilities, output->data, n * sizeof *probabilities);
    return ew_check_finite(probabilities, n, err);
  }
  return ew_softmax(output->data, n, probabilities, err);
}
