/* TFLite_Detection_PostProcess: options from a FlexBuffer, boxes and scores as floats. */
#include "format/tflite/builder.h"
#include "format/tflite/flex.h"

static int64_t whole(const tfl_flex *options, const char *name, double fallback) {
  const double value = tfl_flex_number(options, name, fallback);
  return value >= 0 && value <= INT32_MAX ? (int64_t)value : -1;
}

ew_status tfl_read_detection(tfl_builder *b, const tfl_row *row) {
  static const char *const scales[] = {"y_scale", "x_scale", "h_scale", "w_scale"};
  uint32_t inputs[3], outputs[4];
  tfl_flex options;
  tfl_args args = {.count = 0};
  EW_TRY(tfl_flex_open(b->op->custom, row->name, &options, b->err));
  for (uint32_t i = 0; i < 3; i++) {
    EW_TRY(tfl_input(b, i, &inputs[i]));
    EW_TRY(tfl_to_float(b, inputs[i], &inputs[i]));
  }
  for (uint32_t i = 0; i < 4; i++) {
    EW_TRY(tfl_output(b, i, &outputs[i]));
    TFL_CHECK(b, tfl_value(b, outputs[i])->dtype == EW_F32, EW_INVALID_TYPE, "output %u is no f32",
              i);
  }
  tfl_arg_int(&args, whole(&options, "max_detections", 0));
  tfl_arg_int(&args, whole(&options, "max_classes_per_detection", 0));
  tfl_arg_int(&args, whole(&options, "detections_per_class", 100));
  tfl_arg_bool(&args, tfl_flex_number(&options, "use_regular_nms", 0) != 0);
  tfl_arg_double(&args, tfl_flex_number(&options, "nms_score_threshold", 0));
  tfl_arg_double(&args, tfl_flex_number(&options, "nms_iou_threshold", 0));
  tfl_arg_int(&args, whole(&options, "num_classes", 0));
  double *list = NULL;
  EW_TRY(ew_arena_alloc(b->arena, 4, sizeof *list, &list, b->err));
  for (uint32_t i = 0; i < 4; i++) list[i] = tfl_flex_number(&options, scales[i], 0);
  args.items[args.count++] = (ew_attr){.kind = EW_ATTR_DOUBLES, .count = 4, .u = {.doubles = list}};
  return tfl_kernel(b, "tfl::detection_postprocess", inputs, 3, &args, outputs, 4);
}
