/* Segmentation: class logits per pixel -> class map and probability planes. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/simd.h"
#include "image/image.h"
#include "task/arrays.h"
#include "task/tasks.h"

/* Pixels that are worked on together: their maxima and sums stay in the first-level cache. */
enum { BLOCK = 512 };

typedef struct maps {
  const float *logits;
  size_t classes, pixels;
  bool is_probability; /* of a single channel */
  const uint32_t *wanted;
  uint32_t count;
  int32_t *argmax;      /* [pixels] */
  float *const *planes; /* count of [pixels] */
} maps;

static void block_max(const maps *m, size_t at, size_t n, float *max) {
  memcpy(max, m->logits + at, n * sizeof *max);
  for (size_t c = 1; c < m->classes; c++) {
    const float *x = m->logits + c * m->pixels + at;
    for (size_t i = 0; i < n; i += 4) {
      const ew_f32x4 v = ew_v4_load(x + i), best = ew_v4_load(max + i);
      ew_v4_store(max + i, ew_v4_select(v > best, v, best));
    }
  }
}

/* The lowest class whose probability equals the largest one. e^x rounds to 1 down to x = -2^-25. */
static void block_argmax(const maps *m, size_t at, size_t n, const float *max) {
  int32_t *out = m->argmax + at;
  memset(out, 0, n * sizeof *out);
  for (size_t c = m->classes; c-- > 0;) {
    const float *x = m->logits + c * m->pixels + at;
    const ew_i32x4 index = {(int32_t)c, (int32_t)c, (int32_t)c, (int32_t)c};
    for (size_t i = 0; i < n; i += 4) {
      ew_i32x4 old;
      memcpy(&old, out + i, sizeof old);
      const ew_i32x4 top = ew_v4_load(x + i) - ew_v4_load(max + i) >= ew_v4_splat(-0x1p-25f);
      old = (index & top) | (old & ~top);
      memcpy(out + i, &old, sizeof old);
    }
  }
}

static void block_planes(const maps *m, size_t at, size_t n, const float *max) {
  float sum[BLOCK] = {0};
  for (size_t c = 0; c < m->classes; c++) {
    const float *x = m->logits + c * m->pixels + at;
    for (size_t i = 0; i < n; i += 4) {
      const ew_f32x4 e = ew_v4_exp(ew_v4_load(x + i) - ew_v4_load(max + i));
      ew_v4_store(sum + i, ew_v4_load(sum + i) + e);
    }
  }
  for (uint32_t k = 0; k < m->count; k++) {
    const float *x = m->logits + m->wanted[k] * m->pixels + at;
    float *to = m->planes[k] + at;
    for (size_t i = 0; i < n; i += 4) {
      const ew_f32x4 e = ew_v4_exp(ew_v4_load(x + i) - ew_v4_load(max + i));
      ew_v4_store(to + i, e / ew_v4_load(sum + i));
    }
  }
}

/* A block of fewer pixels than four, or the end of the maps: moved to a padded copy and back. */
static void small_block(const maps *m, size_t at, size_t n, float *copy) {
  float plane_memory[4];
  int32_t argmax[4];
  const size_t padded = 4;
  memset(copy, 0, m->classes * padded * sizeof *copy);
  for (size_t c = 0; c < m->classes; c++) {
    memcpy(copy + c * padded, m->logits + c * m->pixels + at, n * sizeof *copy);
  }
  float max[4];
  maps part = *m;
  part.logits = copy;
  part.pixels = padded;
  part.argmax = argmax;
  block_max(&part, 0, padded, max);
  block_argmax(&part, 0, padded, max);
  memcpy(m->argmax + at, argmax, n * sizeof *argmax);
  for (uint32_t k = 0; k < m->count; k++) {
    float *plane = plane_memory;
    part.wanted = m->wanted + k;
    part.count = 1;
    part.planes = &plane;
    block_planes(&part, 0, padded, max);
    memcpy(m->planes[k] + at, plane_memory, n * sizeof *plane_memory);
  }
}

static ew_status softmax_maps(const maps *m, ew_error *err) {
  const size_t whole = m->pixels & ~(size_t)3;
  float max[BLOCK];
  for (size_t at = 0; at < whole; at += BLOCK) {
    const size_t n = whole - at < BLOCK ? whole - at : BLOCK;
    block_max(m, at, n, max);
    block_argmax(m, at, n, max);
    if (m->count > 0) block_planes(m, at, n, max);
  }
  if (whole == m->pixels) return EW_OK;
  size_t bytes = 0;
  float *copy = ew_mul_size(m->classes, 4 * sizeof *copy, &bytes) ? ew_alloc(bytes) : NULL;
  EW_CHECK(copy != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu classes", m->classes);
  small_block(m, whole, m->pixels - whole, copy);
  ew_free(copy);
  return EW_OK;
}

static float foreground(const maps *m, size_t i) {
  return m->is_probability ? m->logits[i] : 1.0f / (1.0f + expf(-m->logits[i]));
}

static void foreground_maps(const maps *m) {
  for (size_t i = 0; i < m->pixels; i++) {
    const float p = foreground(m, i);
    m->argmax[i] = p > 0.5f ? 1 : 0;
    for (uint32_t k = 0; k < m->count; k++) m->planes[k][i] = m->wanted[k] == 1 ? p : 1.0f - p;
  }
}

/* The maps at the model's size, then each resized through one scratch plane. */
static ew_status resized_maps(const maps *at_model_size, size_t height, size_t width,
                              uint32_t out_width, uint32_t out_height, int32_t *argmax,
                              float *const *planes, ew_error *err) {
  const size_t pixels = height * width;
  const size_t count = at_model_size->count;
  const size_t lists = count * sizeof(float *);
  size_t bytes = 0;
  char *block = NULL;
  if (ew_mul_size(pixels * sizeof(float), count + 1, &bytes) && ew_add_size(bytes, lists, &bytes)) {
    block = ew_alloc(bytes);
  }
  EW_CHECK(block != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu maps of %zu x %zu", count + 1,
           width, height);
  float **small = (float **)(void *)block;
  float *memory = (float *)(void *)(block + lists);
  maps m = *at_model_size;
  m.argmax = (int32_t *)(void *)memory;
  for (size_t k = 0; k < count; k++) small[k] = memory + (k + 1) * pixels;
  m.planes = small;
  ew_status status = EW_OK;
  if (m.classes == 1) {
    foreground_maps(&m);
  } else {
    status = softmax_maps(&m, err);
  }
  const uint32_t w = (uint32_t)width, h = (uint32_t)height;
  if (status == EW_OK) ew_resize_nearest_i32(m.argmax, w, h, argmax, out_width, out_height);
  for (size_t k = 0; k < count && status == EW_OK; k++) {
    status = ew_resize_bilinear_f32(small[k], w, h, planes[k], out_width, out_height, err);
  }
  ew_free(block);
  return status;
}

ew_status ew_segmentation_maps(const float *logits, size_t classes, size_t height, size_t width,
                               bool is_probability, const uint32_t *wanted, uint32_t count,
                               uint32_t out_width, uint32_t out_height, int32_t *argmax,
                               float *const *planes, ew_error *err) {
  EW_CHECK(classes > 0 && height > 0 && width > 0 && height <= 1 << 16 && width <= 1 << 16, err,
           EW_INVALID_MODEL_OUTPUT, "the model's output of %zu classes, %zu x %zu cannot be a map",
           classes, width, height);
  const size_t known = classes == 1 ? 2 : classes;
  for (uint32_t i = 0; i < count; i++) {
    EW_CHECK(wanted[i] < known, err, EW_INVALID_USER_INPUT,
             "class %u was asked for, the model has %zu", wanted[i], known);
  }
  EW_TRY(ew_check_finite(logits, classes * height * width, err));
  const maps m = {logits, classes, height * width, is_probability, wanted, count, argmax, planes};
  if (out_width != width || out_height != height) {
    return resized_maps(&m, height, width, out_width, out_height, argmax, planes, err);
  }
  if (classes > 1) return softmax_maps(&m, err);
  foreground_maps(&m);
  return EW_OK;
}

static ew_status expect_maps(const ew_tensor *output, ew_error *err) {
  const bool fits = output->rank == 3 || (output->rank == 4 && output->dims[0] == 1);
  char shape[128];
  EW_CHECK(output->dtype == EW_F32 && fits, err, EW_INVALID_MODEL_OUTPUT,
           "output 0 is %s%s; a segmenter has f32 logits [1,classes,height,width]",
           ew_dtype_name(output->dtype),
           ew_shape_text(output->dims, output->rank, shape, sizeof shape));
  return EW_OK;
}

/* A block for the class map, the planes, and (at its end) the lists of classes and of planes. */
typedef struct room {
  int32_t *argmax;
  float **planes;
  uint32_t *classes;
} room;

static ew_status make_room(ew_task *task, const size_t size[2], uint32_t count, room *out,
                           ew_error *err) {
  size_t pixels = 0, bytes = 0;
  const size_t lists = count * (sizeof(float *) + sizeof(uint32_t));
  void *memory = NULL;
  if (ew_mul_size(size[0], size[1], &pixels) && ew_mul_size(pixels, 4, &bytes) &&
      ew_mul_size(bytes, count + 1, &bytes) && bytes <= SIZE_MAX - lists - 8) {
    bytes = (bytes + 7) & ~(size_t)7;
    memory = ew_task_reserve(task, count + 1, bytes + lists);
  }
  EW_CHECK(memory != NULL, err, EW_OUT_OF_MEMORY,
           "out of memory: %u maps of %zu x %zu; ask for fewer classes, or without resize",
           count + 1, size[1], size[0]);
  out->argmax = memory;
  out->planes = (float **)(void *)((char *)memory + bytes);
  out->classes = (uint32_t *)(void *)(out->planes + count);
  ew_task_put(task, 0, EW_I32, 2, size, out->argmax);
  for (uint32_t i = 0; i < count; i++) {
    out->planes[i] = (float *)memory + (i + 1) * pixels;
    ew_task_put(task, i + 1, EW_F32, 2, size, out->planes[i]);
  }
  return EW_OK;
}

/* A map of class numbers [1,height,width] or [1,height,width,1]: the model has chosen already. Planes tell where a
 * class is, with 1 and 0. */
static ew_status present_class_map(ew_task *task, const ew_tensor *output,
                                   const ew_task_request *request, ew_error *err) {
  const size_t *dims = output->dims + 1;
  const bool fits = output->dims[0] == 1 && dims[0] <= 1 << 16 && dims[1] <= 1 << 16 &&
                    (output->rank == 3 || output->dims[3] == 1);
  EW_CHECK(fits && ew_tensor_numel(output) > 0, err, EW_INVALID_MODEL_OUTPUT,
           "output 0 is no map of class numbers [1,height,width]");
  const bool resize = request->arguments[0] != 0 && request->width > 0 && request->height > 0;
  const size_t size[2] = {resize ? request->height : dims[0], resize ? request->width : dims[1]};
  room made;
  EW_TRY(make_room(task, size, request->count - 1, &made, err));
  const size_t count = dims[0] * dims[1];
  int32_t *map = ew_alloc(count * sizeof *map);
  EW_CHECK(map != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a map of %zu pixels", count);
  for (size_t i = 0; i < count; i++) {
    map[i] = output->dtype == EW_I32 ? ((const int32_t *)output->data)[i]
                                     : (int32_t)((const int64_t *)output->data)[i];
  }
  ew_resize_nearest_i32(map, (uint32_t)dims[1], (uint32_t)dims[0], made.argmax, (uint32_t)size[1],
                        (uint32_t)size[0]);
  ew_free(map);
  for (uint32_t k = 0; k + 1 < request->count; k++) {
    for (size_t i = 0; i < size[0] * size[1]; i++) {
      made.planes[k][i] = (double)made.argmax[i] == request->arguments[k + 1] ? 1 : 0;
    }
  }
  return EW_OK;
}

/* The maps take a softmax; of logarithms it gives the probabilities back. The output is the model's, they lie
 * in memory of the task. NaN stays NaN. */
static ew_status take_logarithms(ew_task *task, const float *values, size_t count,
                                 const float **out, ew_error *err) {
  float *logarithms = ew_task_reals(task, count);
  EW_CHECK(logarithms != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu probabilities", count);
  for (size_t i = 0; i < count; i++) logarithms[i] = logf(values[i] <= 1e-30f ? 1e-30f : values[i]);
  *out = logarithms;
  return EW_OK;
}

ew_status ew_task_segmentation(ew_task *task, const ew_tensor *output,
                               const ew_task_request *request, ew_error *err) {
  EW_CHECK(request->count > 0, err, EW_INVALID_ARGUMENT, "segment takes a flag and classes");
  const bool chosen = output->dtype == EW_I32 || output->dtype == EW_I64;
  if (chosen && (output->rank == 3 || output->rank == 4)) {
    return present_class_map(task, output, request, err);
  }
  EW_TRY(expect_maps(output, err));
  const size_t *dims = output->dims + (output->rank - 3);
  const bool resize = request->arguments[0] != 0 && request->width > 0 && request->height > 0;
  const size_t size[2] = {resize ? request->height : dims[1], resize ? request->width : dims[2]};
  const uint32_t count = request->count - 1;
  room made;
  EW_TRY(make_room(task, size, count, &made, err));
  for (uint32_t i = 0; i < count; i++) {
    const double wanted = request->arguments[i + 1];
    made.classes[i] = wanted >= 0 && wanted < UINT32_MAX ? (uint32_t)wanted : UINT32_MAX;
  }
  const bool is_probability = ew_model_output_is_probability(ew_task_model(task), 0);
  const float *logits = output->data;
  if (is_probability && dims[0] > 1) {
    EW_TRY(take_logarithms(task, logits, ew_tensor_numel(output), &logits, err));
  }
  return ew_segmentation_maps(logits, dims[0], dims[1], dims[2], is_probability, made.classes,
                              count, (uint32_t)size[1], (uint32_t)size[0], made.argmax, made.planes,
                              err);
}
