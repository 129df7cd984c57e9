/* The table of tasks, and the output as they see it. */
#include "task/tasks.h"

#include <string.h>

typedef struct row {
  const char *name;
  ew_task_fn *run;
} row;

static const row rows[] = {
#define EW_TASK(name, run) {#name, run},
#include "task/tasks.def"
#undef EW_TASK
};

/* Elements [channels, pixels] from [pixels, channels]; from holds f32, or 8 bits that stand for reals. */
static void write_planes(const ew_tensor *output, size_t channels, float scale, int32_t zero_point,
                         float *to) {
  const size_t pixels = ew_tensor_numel(output) / channels;
  for (size_t c = 0; c < channels; c++) {
    for (size_t i = 0; i < pixels; i++) {
      const size_t at = i * channels + c;
      if (output->dtype == EW_F32) {
        *to++ = ((const float *)output->data)[at];
      } else {
        const int32_t q = output->dtype == EW_U8 ? ((const uint8_t *)output->data)[at]
                                                 : ((const int8_t *)output->data)[at];
        *to++ = scale * (float)(q - zero_point);
      }
    }
  }
}

/* Tasks see f32, and maps as planes: quantised outputs become reals, channels that come last come first.
 * Outputs of other types (maps of class numbers) stay as they are. */
static ew_status as_reals(ew_task *task, ew_tensor *output, ew_error *err) {
  const ew_model *model = ew_task_model(task);
  float scale = 1;
  int32_t zero_point = 0;
  const bool quantised = ew_model_output_scale(model, 0, &scale, &zero_point);
  const bool is_map = output->rank == 4 && ew_model_has_channels_last(model);
  if ((!quantised && output->dtype != EW_F32) || (!quantised && !is_map)) return EW_OK;
  const size_t count = ew_tensor_numel(output), channels = is_map ? output->dims[3] : 1;
  if (count == 0) return EW_OK;
  float *reals = ew_task_reals(task, count);
  EW_CHECK(reals != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu elements of an output", count);
  write_planes(output, channels, scale, zero_point, reals);
  output->data = reals;
  output->dtype = EW_F32;
  if (is_map) {
    const size_t height = output->dims[1], width = output->dims[2];
    output->dims[1] = channels;
    output->dims[2] = height;
    output->dims[3] = width;
  }
  ew_tensor_set_strides(output, NULL);
  return EW_OK;
}

ew_status ew_task_result_of(ew_task *task, const ew_task_request *request, ew_task_result *out,
                            ew_error *err) {
  const row *found = NULL;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (strcmp(rows[i].name, request->name) == 0) found = &rows[i];
  }
  EW_CHECK(found != NULL, err, EW_NOT_FOUND, "there is no task of this name");
  ew_tensor output;
  EW_TRY(ew_task_output(task, 0, &output, err));
  EW_TRY(as_reals(task, &output, err));
  EW_TRY(found->run(task, &output, request, err));
  *out = ew_task_results(task);
  return EW_OK;
}
