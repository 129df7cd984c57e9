/* Classification: logits -> probabilities. */
#include <math.h>

#include "task/task.h"

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
