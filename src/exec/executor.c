/* What can be asked of any executor. */
#include "exec/executor.h"

ew_status ew_executor_greediest(const ew_executor *executor, uint32_t num_segments,
                                uint32_t *out_segment, size_t *out_bytes, ew_error *err) {
  *out_segment = EW_NONE;
  *out_bytes = 0;
  if (executor->ops->workspace == NULL) return EW_OK;
  for (uint32_t s = 0; s < num_segments; s++) {
    size_t bytes = 0;
    EW_TRY(executor->ops->workspace(executor, s, &bytes, err));
    if (bytes <= *out_bytes) continue;
    *out_bytes = bytes;
    *out_segment = s;
  }
  return EW_OK;
}
