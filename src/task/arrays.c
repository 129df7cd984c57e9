/* What all tasks ask of numbers. */
#include "task/arrays.h"

#include "base/simd.h"

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
