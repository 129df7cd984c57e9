/* Times per operator. */
#include <string.h>

#include "exec/xnn/internal.h"

static ew_status query(xnn_runtime_t runtime, enum xnn_profile_info what, void **out, size_t *size,
                       ew_error *err) {
  size_t needed = 0;
  enum xnn_status status = xnn_get_runtime_profiling_info(runtime, what, 0, NULL, &needed);
  if (status != xnn_status_out_of_memory && status != xnn_status_success) {
    return ew_xnn_fail(err, status, "reading operator times");
  }
  *out = ew_alloc(needed);
  EW_CHECK(*out != NULL, err, EW_OUT_OF_MEMORY, "out of memory: operator times");
  *size = needed;
  status = xnn_get_runtime_profiling_info(runtime, what, needed, *out, &needed);
  if (status != xnn_status_success) return ew_xnn_fail(err, status, "reading operator times");
  return EW_OK;
}

static ew_status visit_runtime(xnn_runtime_t runtime, ew_time_visitor *visit, void *context,
                               ew_error *err) {
  void *names = NULL, *times = NULL;
  size_t names_size = 0, times_size = 0;
  ew_status status = query(runtime, xnn_profile_info_operator_name, &names, &names_size, err);
  if (status == EW_OK) {
    status = query(runtime, xnn_profile_info_operator_timing, &times, &times_size, err);
  }
  if (status == EW_OK) {
    const char *name = names;
    for (size_t i = 0; i < times_size / sizeof(uint64_t); i++) {
      uint64_t microseconds = 0;
      memcpy(&microseconds, (const char *)times + i * sizeof microseconds, sizeof microseconds);
      visit(context, name, microseconds);
      name += strlen(name) + 1;
    }
  }
  ew_free(names);
  ew_free(times);
  return status;
}

ew_status ew_xnn_times(ew_executor *executor, uint32_t segment, ew_time_visitor *visit,
                       void *context, ew_error *err) {
  const ew_xnn *xnn = ew_xnn_of(executor);
  EW_CHECK(xnn->options.profile, err, EW_INVALID_STATE, "profiling is off for this model");
  EW_CHECK(segment < xnn->num_segments, err, EW_INVALID_STATE, "segment %u is not built", segment);
  if (xnn->fast_convs[segment] != NULL) {
    visit(context, "Convolution (NHWC) Winograd", xnn->fast_times[segment]);
    return EW_OK;
  }
  EW_CHECK(xnn->runtimes[segment] != NULL, err, EW_INVALID_STATE, "segment %u is not built",
           segment);
  return visit_runtime(xnn->runtimes[segment], visit, context, err);
}
