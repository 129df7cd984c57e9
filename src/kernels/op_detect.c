/* TFLite_Detection_PostProcess: boxes from anchors, the best classes, non-maximum suppression.
 *
 * detection_postprocess(boxes [1,A,>=4], scores [1,A,K'], anchors [A,4], max_detections,
 * max_classes_per_detection, detections_per_class, use_regular_nms, score_threshold, iou_threshold,
 * num_classes, {y_scale, x_scale, h_scale, w_scale}) -> boxes [1,D,4], classes [1,D], scores [1,D],
 * count [1], all f32. Boxes are (ymin, xmin, ymax, xmax); anchors and box offsets (y, x, h, w). Classes
 * behind a background class count from 0. Rows that are not used are 0. */
#include <math.h>
#include <string.h>

#include "kernels/support.h"

typedef struct detector {
  size_t anchors, box_stride, score_stride;
  size_t classes, first_class;
  size_t max_detections, classes_per_detection, per_class, rows;
  bool regular;
  float score_threshold, iou_threshold;
  float scale[4]; /* y, x, h, w */
  const float *boxes, *scores, *anchor;
} detector;

enum {
  ARG_MAX_DETECTIONS,
  ARG_CLASSES_PER_DETECTION,
  ARG_PER_CLASS,
  ARG_REGULAR,
  ARG_SCORE,
  ARG_IOU,
  ARG_CLASSES,
  ARG_SCALES
};

static ew_status read_count(const ew_call *call, uint32_t index, size_t *out) {
  int64_t value = 0;
  EW_TRY(ew_arg_int(call, index, &value));
  EW_KERNEL_CHECK(call, value >= 1 && value <= 1 << 20, EW_INVALID_PROGRAM,
                  "argument %u is %lld, not in 1 to %d", index, (long long)value, 1 << 20);
  *out = (size_t)value;
  return EW_OK;
}

static ew_status read_real(const ew_call *call, uint32_t index, float *out) {
  double value = 0;
  EW_TRY(ew_arg_double(call, index, &value));
  EW_KERNEL_CHECK(call, isfinite(value), EW_INVALID_PROGRAM, "argument %u is %g", index, value);
  *out = (float)value;
  return EW_OK;
}

static ew_status read_numbers(const ew_call *call, detector *d) {
  EW_TRY(read_count(call, ARG_MAX_DETECTIONS, &d->max_detections));
  EW_TRY(read_count(call, ARG_CLASSES_PER_DETECTION, &d->classes_per_detection));
  EW_TRY(read_count(call, ARG_PER_CLASS, &d->per_class));
  EW_TRY(ew_arg_bool(call, ARG_REGULAR, &d->regular));
  EW_TRY(read_real(call, ARG_SCORE, &d->score_threshold));
  EW_TRY(read_real(call, ARG_IOU, &d->iou_threshold));
  EW_TRY(read_count(call, ARG_CLASSES, &d->classes));
  EW_KERNEL_CHECK(call, d->iou_threshold > 0 && d->iou_threshold <= 1, EW_INVALID_PROGRAM,
                  "the threshold of overlaps is %g, not in (0, 1]", (double)d->iou_threshold);
  const bool four = !ew_arg_absent(call, ARG_SCALES) &&
                    call->attrs[ARG_SCALES].kind == EW_ATTR_DOUBLES &&
                    call->attrs[ARG_SCALES].count == 4;
  EW_KERNEL_CHECK(call, four, EW_INVALID_PROGRAM, "argument %d is no list of 4 numbers",
                  ARG_SCALES);
  for (uint32_t i = 0; i < 4; i++) {
    d->scale[i] = (float)call->attrs[ARG_SCALES].u.doubles[i];
    EW_KERNEL_CHECK(call, isfinite(d->scale[i]) && d->scale[i] != 0, EW_INVALID_PROGRAM,
                    "scale %u is %g", i, (double)d->scale[i]);
  }
  if (d->classes_per_detection > d->classes) d->classes_per_detection = d->classes;
  const uint64_t rows = (uint64_t)d->max_detections * d->classes_per_detection;
  return ew_arg_size(call, (int64_t)rows, "the number of detections", &d->rows);
}

static ew_status read_detector(const ew_call *call, detector *d) {
  const ew_tensor *boxes = &call->inputs[0], *scores = &call->inputs[1],
                  *anchors = &call->inputs[2];
  *d = (detector){.boxes = boxes->data, .scores = scores->data, .anchor = anchors->data};
  EW_TRY(read_numbers(call, d));
  EW_KERNEL_CHECK(call,
                  boxes->rank == 3 && boxes->dims[0] == 1 && boxes->dims[2] >= 4 &&
                      scores->rank == 3 && scores->dims[0] == 1 && anchors->rank == 2 &&
                      anchors->dims[1] == 4,
                  EW_INVALID_PROGRAM, "boxes %s, scores %s and anchors %s do not fit",
                  ew_shape_of(boxes).text, ew_shape_of(scores).text, ew_shape_of(anchors).text);
  d->anchors = anchors->dims[0];
  EW_KERNEL_CHECK(call, boxes->dims[1] == d->anchors && scores->dims[1] == d->anchors,
                  EW_INVALID_PROGRAM, "%zu boxes and %zu scores for %zu anchors", boxes->dims[1],
                  scores->dims[1], d->anchors);
  EW_KERNEL_CHECK(call, scores->dims[2] >= d->classes && d->anchors <= INT32_MAX,
                  EW_INVALID_PROGRAM, "%zu classes, scores of %zu", d->classes, scores->dims[2]);
  d->box_stride = boxes->dims[2];
  d->score_stride = scores->dims[2];
  d->first_class = scores->dims[2] - d->classes;
  return EW_OK;
}

/* A candidate of the list that regular suppression merges. */
typedef struct detection {
  float score;
  uint32_t anchor, class_index;
} detection;

static size_t scratch_bytes(const detector *d) {
  const size_t kept = d->max_detections > d->anchors ? d->max_detections : d->anchors;
  return d->anchors * (4 * sizeof(float) + sizeof(float) + sizeof(uint32_t)) +
         2 * kept * sizeof(uint32_t) + 2 * d->max_detections * sizeof(detection) + 64;
}

/* Boxes are compared with those kept before; classes are merged one by one, or searched for the best of a box. */
static ew_status count_detector_work(ew_call *call, const detector *d) {
  const size_t limit = d->max_detections < d->anchors ? d->max_detections : d->anchors;
  if (!d->regular) {
    EW_TRY(ew_count_work(call, d->anchors, limit, 1));
    return ew_count_work(call, limit, d->classes_per_detection, d->classes);
  }
  EW_TRY(ew_count_work(call, d->anchors, limit, d->classes));
  return ew_count_work(call, d->max_detections, d->classes, 1);
}

ew_status ew_prepare_detect(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_f32(call));
  detector d;
  EW_TRY(read_detector(call, &d));
  EW_TRY(count_detector_work(call, &d));
  call->scratch_size = scratch_bytes(&d);
  const size_t boxes[3] = {1, d.rows, 4}, list[2] = {1, d.rows}, one[1] = {1};
  EW_TRY(ew_set_shape(call, 0, 3, boxes));
  EW_TRY(ew_set_shape(call, 1, 2, list));
  EW_TRY(ew_set_shape(call, 2, 2, list));
  return ew_set_shape(call, 3, 1, one);
}

typedef struct workspace {
  float *corners; /* [anchors][4] */
  float *scores;  /* [anchors], of the class in hand */
  uint32_t *order, *kept, *chosen;
  detection *merged, *spare;
} workspace;

static workspace carve(const detector *d, void *scratch) {
  workspace w = {.merged = scratch};
  const size_t kept = d->max_detections > d->anchors ? d->max_detections : d->anchors;
  w.spare = w.merged + d->max_detections;
  w.corners = (float *)(void *)(w.spare + d->max_detections);
  w.scores = w.corners + 4 * d->anchors;
  w.order = (uint32_t *)(void *)(w.scores + d->anchors);
  w.kept = w.order + d->anchors;
  w.chosen = w.kept + kept;
  return w;
}

static void decode_boxes(const detector *d, float *corners) {
  for (size_t i = 0; i < d->anchors; i++, corners += 4) {
    const float *offset = d->boxes + i * d->box_stride, *anchor = d->anchor + 4 * i;
    const float y = offset[0] / d->scale[0] * anchor[2] + anchor[0];
    const float x = offset[1] / d->scale[1] * anchor[3] + anchor[1];
    const float h = 0.5f * expf(offset[2] / d->scale[2]) * anchor[2];
    const float w = 0.5f * expf(offset[3] / d->scale[3]) * anchor[3];
    corners[0] = y - h;
    corners[1] = x - w;
    corners[2] = y + h;
    corners[3] = x + w;
  }
}

static float overlap(const float *a, const float *b) {
  const float area_a = (a[2] - a[0]) * (a[3] - a[1]), area_b = (b[2] - b[0]) * (b[3] - b[1]);
  if (!(area_a > 0) || !(area_b > 0)) return 0;
  const float h = fmaxf(fminf(a[2], b[2]) - fmaxf(a[0], b[0]), 0);
  const float w = fmaxf(fminf(a[3], b[3]) - fmaxf(a[1], b[1]), 0);
  return h * w / (area_a + area_b - h * w);
}

/* Sorts candidates by descending score, equal ones by index (merge sort: stable, no recursion). */
static void sort_by_score(const float *scores, uint32_t *items, uint32_t *spare, size_t count) {
  for (size_t width = 1; width < count; width *= 2) {
    for (size_t start = 0; start < count; start += 2 * width) {
      const size_t middle = start + width < count ? start + width : count;
      const size_t end = middle + width < count ? middle + width : count;
      size_t a = start, b = middle;
      for (size_t k = start; k < end; k++) {
        const bool left = b == end || (a < middle && !(scores[items[b]] > scores[items[a]]));
        spare[k] = items[left ? a++ : b++];
      }
    }
    memcpy(items, spare, count * sizeof *items);
  }
}

/* Greedy suppression of w->scores; kept boxes in w->chosen. */
static size_t suppress(const detector *d, workspace *w, size_t limit) {
  size_t count = 0, chosen = 0;
  for (size_t i = 0; i < d->anchors; i++) {
    if (w->scores[i] >= d->score_threshold) w->order[count++] = (uint32_t)i;
  }
  sort_by_score(w->scores, w->order, w->kept, count);
  for (size_t i = 0; i < count && chosen < limit; i++) {
    const float *box = w->corners + 4 * (size_t)w->order[i];
    bool free_of_others = true;
    for (size_t k = 0; k < chosen && free_of_others; k++) {
      free_of_others = !(overlap(w->corners + 4 * (size_t)w->chosen[k], box) > d->iou_threshold);
    }
    if (free_of_others) w->chosen[chosen++] = w->order[i];
  }
  return chosen;
}

typedef struct results {
  float *boxes, *classes, *scores;
  size_t count;
} results;

static void emit(results *out, const workspace *w, uint32_t anchor, size_t class_index,
                 float score) {
  memcpy(out->boxes + 4 * out->count, w->corners + 4 * (size_t)anchor, 4 * sizeof(float));
  out->classes[out->count] = (float)class_index;
  out->scores[out->count++] = score;
}

/* The best classes of one anchor, descending, ties by index. */
static void emit_classes(const detector *d, const workspace *w, uint32_t anchor, results *out) {
  const float *scores = d->scores + (size_t)anchor * d->score_stride + d->first_class;
  size_t last = d->classes;
  for (size_t k = 0; k < d->classes_per_detection; k++) {
    size_t best = d->classes;
    for (size_t c = 0; c < d->classes; c++) {
      const bool taken = last < d->classes &&
                         (scores[c] > scores[last] || (!(scores[c] < scores[last]) && c <= last));
      if (!taken && (best == d->classes || scores[c] > scores[best])) best = c;
    }
    if (best == d->classes) return;
    emit(out, w, anchor, best, scores[best]);
    last = best;
  }
}

/* Suppression by the best score of each anchor, whatever its class. */
static void run_fast(const detector *d, workspace *w, results *out) {
  for (size_t i = 0; i < d->anchors; i++) {
    const float *scores = d->scores + i * d->score_stride + d->first_class;
    w->scores[i] = scores[0];
    for (size_t c = 1; c < d->classes; c++) w->scores[i] = fmaxf(w->scores[i], scores[c]);
  }
  const size_t chosen = suppress(d, w, d->max_detections);
  for (size_t i = 0; i < chosen; i++) emit_classes(d, w, w->chosen[i], out);
}

/* Merges the descending lists; the first wins ties. */
static size_t merge(const detector *d, workspace *w, size_t count, size_t chosen,
                    size_t class_index) {
  size_t a = 0, b = 0, total = 0;
  while (total < d->max_detections && (a < count || b < chosen)) {
    const bool old = b == chosen || (a < count && !(w->scores[w->chosen[b]] > w->merged[a].score));
    if (old) {
      w->spare[total++] = w->merged[a++];
    } else {
      const uint32_t anchor = w->chosen[b++];
      w->spare[total++] = (detection){w->scores[anchor], anchor, (uint32_t)class_index};
    }
  }
  detection *swap = w->merged;
  w->merged = w->spare;
  w->spare = swap;
  return total;
}

/* Suppression within each class, then the best of all. */
static void run_regular(const detector *d, workspace *w, results *out) {
  const size_t limit = d->per_class < d->max_detections ? d->per_class : d->max_detections;
  size_t count = 0;
  for (size_t c = 0; c < d->classes; c++) {
    for (size_t i = 0; i < d->anchors; i++) {
      w->scores[i] = d->scores[i * d->score_stride + d->first_class + c];
    }
    count = merge(d, w, count, suppress(d, w, limit), c);
  }
  for (size_t i = 0; i < count; i++) {
    emit(out, w, w->merged[i].anchor, w->merged[i].class_index, w->merged[i].score);
  }
}

ew_status ew_run_detect(ew_call *call) {
  detector d;
  EW_TRY(read_detector(call, &d));
  workspace w = carve(&d, call->scratch);
  results out = {call->outputs[0].data, call->outputs[1].data, call->outputs[2].data, 0};
  for (uint32_t i = 0; i < 3; i++)
    memset(call->outputs[i].data, 0, ew_tensor_bytes(&call->outputs[i]));
  decode_boxes(&d, w.corners);
  if (d.regular) {
    run_regular(&d, &w, &out);
  } else {
    run_fast(&d, &w, &out);
  }
  *(float *)call->outputs[3].data = (float)out.count;
  return EW_OK;
}
