/* Pictures and tasks on arrays: every turn, every tail, and every allocation that can fail. */
#include <stdlib.h>

#include "base/arena.h"
#include "image/image.h"
#include "task/arrays.h"
#include "test.h"

/* --- views ----------------------------------------------------------------------------------------- */

enum { W = 3, H = 2 };

/* A 3 x 2 image with the values 1 to 6 (in all channels), 4 bytes per pixel. */
static ew_image numbered(void) {
  uint8_t *pixels = ew_alloc((size_t)W * H * 4);
  for (int i = 0; i < W * H; i++) memset(pixels + 4 * i, i + 1, 4);
  const ew_image_limits limits = ew_image_limits_default();
  ew_image image;
  ew_error err = {0};
  CHECK_EQ(ew_image_from_pixels(pixels, W, H, 4, (size_t)W * 4, &limits, &image, &err), EW_OK);
  return image;
}

/* The red values, row by row, as digits. */
static const char *digits(const ew_image *image) {
  static char text[64];
  static uint8_t rgb[3 * 64];
  ew_image_copy_rgb(image, rgb);
  const size_t n = (size_t)image->width * image->height;
  for (size_t i = 0; i < n; i++) text[i] = (char)('0' + rgb[3 * i]);
  text[n] = '\0';
  return text;
}

static void test_orientations(void) {
  /* What a viewer shows of stored rows 123 / 456, by EXIF's definition of each value. */
  static const char *const upright[] = {"123456", "321654", "654321", "456123",
                                        "142536", "415263", "635241", "362514"};
  for (int o = 1; o <= 8; o++) {
    ew_image image = numbered();
    ew_image_orient(&image, o);
    CHECK_STR(digits(&image), upright[o - 1]);
    CHECK_EQ(image.width, o >= 5 ? H : W);
    CHECK_EQ(image.height, o >= 5 ? W : H);
    ew_image_free(&image);
  }
}

static void test_crop(void) {
  ew_error err = {0};
  static const char *const turned[] = {"2356", "5263", "6532", "3625"};
  for (int turns = -4; turns < 8; turns++) {
    ew_image image = numbered();
    CHECK_EQ(ew_image_crop(&image, 1, 0, 2, 2, turns, &err), EW_OK);
    CHECK_STR(digits(&image), turned[(turns + 4) % 4]);
    ew_image_free(&image);
  }
  ew_image image = numbered();
  CHECK_EQ(ew_image_crop(&image, 2, 0, 2, 1, 0, &err), EW_INVALID_USER_INPUT);
  CHECK_EQ(ew_image_crop(&image, 0, 0, 0, 1, 0, &err), EW_INVALID_USER_INPUT);
  CHECK_EQ(ew_image_crop(&image, UINT32_MAX, 0, 2, 1, 0, &err), EW_INVALID_USER_INPUT);
  CHECK_STR(digits(&image), "123456");
  ew_image_free(&image);
}

/* A turned image resizes as its copy does: rows and columns are not confused. */
static void test_resize_of_views(void) {
  ew_error err = {0};
  for (int o = 1; o <= 8; o++) {
    ew_image view = numbered();
    ew_image_orient(&view, o);
    uint8_t *copy = ew_alloc((size_t)W * H * 3);
    ew_image_copy_rgb(&view, copy);
    const ew_image_limits limits = ew_image_limits_default();
    ew_image plain, a, b;
    CHECK_EQ(ew_image_from_pixels(copy, view.width, view.height, 3, (size_t)view.width * 3, &limits,
                                  &plain, &err),
             EW_OK);
    CHECK_EQ(ew_image_resize(&view, 7, 5, &a, &err), EW_OK);
    CHECK_EQ(ew_image_resize(&plain, 7, 5, &b, &err), EW_OK);
    CHECK(memcmp(a.memory, b.memory, 7 * 5 * 3) == 0);
    ew_image_free(&a);
    ew_image_free(&b);
    ew_image_free(&view);
    ew_image_free(&plain);
  }
}

/* --- tasks ----------------------------------------------------------------------------------------- */

/* Maps of every width from 1 to 9: whole vectors of four, tails, both. */
static void test_segment(void) {
  enum { CLASSES = 3, MOST = 9 };
  ew_error err = {0};
  for (size_t n = 1; n <= MOST; n++) {
    float logits[CLASSES * MOST];
    for (size_t i = 0; i < CLASSES * n; i++) logits[i] = (float)((i * 7) % 11) * 0.5f - 2.0f;
    const uint32_t wanted[] = {2, 0};
    int32_t argmax[MOST];
    float two[MOST], zero[MOST];
    float *const planes[] = {two, zero};
    CHECK_EQ(ew_segmentation_maps(logits, CLASSES, 1, n, true, wanted, 2, (uint32_t)n, 1, argmax,
                                  planes, &err),
             EW_OK);
    for (size_t i = 0; i < n; i++) {
      double sum = 0;
      int32_t best = 0;
      for (int32_t c = 0; c < CLASSES; c++) {
        sum += exp((double)logits[(size_t)c * n + i]);
        if (logits[(size_t)c * n + i] > logits[(size_t)best * n + i]) best = c;
      }
      const double expected[] = {exp((double)logits[2 * n + i]) / sum,
                                 exp((double)logits[i]) / sum};
      const float found[] = {two[i], zero[i]};
      CHECK_EQ(argmax[i], best);
      CHECK_NEAR_ALL(found, expected, 2, 1e-6);
    }
  }
}

static void test_segment_ties(void) {
  ew_error err = {0};
  /* Pixel 0: all equal; pixel 1: the last two. */
  const float logits[] = {1, 0, 1, 5, 1, 5};
  int32_t argmax[2];
  CHECK_EQ(ew_segmentation_maps(logits, 3, 1, 2, true, NULL, 0, 2, 1, argmax, NULL, &err), EW_OK);
  CHECK_EQ(argmax[0], 0);
  CHECK_EQ(argmax[1], 1);
}

static void test_one_channel(void) {
  ew_error err = {0};
  const float foreground[] = {0.0f, 0.25f, 0.5f, 0.75f, 1.0f};
  const uint32_t wanted[] = {0, 1};
  int32_t argmax[5];
  float background[5], same[5];
  float *const planes[] = {background, same};
  CHECK_EQ(ew_segmentation_maps(foreground, 1, 1, 5, true, wanted, 2, 5, 1, argmax, planes, &err),
           EW_OK);
  const int32_t expected[] = {0, 0, 0, 1, 1};
  CHECK(memcmp(argmax, expected, sizeof expected) == 0);
  CHECK(memcmp(same, foreground, sizeof same) == 0);
  for (int i = 0; i < 5; i++) CHECK(background[i] == 1.0f - foreground[i]);
}

static void test_segment_errors(void) {
  ew_error err = {0};
  float logits[] = {1, 2, 3, 4};
  int32_t argmax[2];
  float plane[2];
  float *const planes[] = {plane};
  const uint32_t unknown = 2;
  CHECK_EQ(ew_segmentation_maps(logits, 2, 1, 2, true, &unknown, 1, 2, 1, argmax, planes, &err),
           EW_INVALID_USER_INPUT);
  CHECK_STR(err.message, "class 2 was asked for, the model has 2");
  CHECK_EQ(ew_segmentation_maps(logits, 2, 0, 2, true, NULL, 0, 2, 1, argmax, NULL, &err),
           EW_INVALID_MODEL_OUTPUT);
  logits[3] = NAN;
  CHECK_EQ(ew_segmentation_maps(logits, 2, 1, 2, true, NULL, 0, 2, 1, argmax, NULL, &err),
           EW_INVALID_MODEL_OUTPUT);
  CHECK_EQ(ew_check_finite(logits, 3, &err), EW_OK);
  for (size_t at = 0; at < 9; at++) {
    float values[9] = {0};
    values[at] = at % 2 ? -INFINITY : NAN;
    CHECK_EQ(ew_check_finite(values, 9, &err), EW_INVALID_MODEL_OUTPUT);
  }
  CHECK_EQ(ew_check_finite(logits, 0, &err), EW_INVALID_MODEL_OUTPUT);
}

static void test_softmax(void) {
  ew_error err = {0};
  float out[3];
  const float large[] = {1e30f, 1e30f, -1e30f};
  CHECK_EQ(ew_softmax(large, 3, out, &err), EW_OK);
  const float half[] = {0.5f, 0.5f, 0.0f};
  CHECK_NEAR_ALL(out, half, 3, 0);
  const float broken[] = {0, INFINITY, 0};
  CHECK_EQ(ew_softmax(broken, 3, out, &err), EW_INVALID_MODEL_OUTPUT);
  CHECK_STR(err.message, "logit 1 of 3 is inf: the model or its input is damaged");
}

/* --- files ----------------------------------------------------------------------------------------- */

static uint8_t file[1 << 16];

static size_t read_file(const char *name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/tests/fixtures/images/%s", EW_REPO_DIR, name);
  FILE *in = fopen(path, "rb");
  if (in == NULL) return 0;
  const size_t size = fread(file, 1, sizeof file, in);
  fclose(in);
  return size;
}

static const char *const NAMES[] = {
    "scene.png",    "scene.jpg",   "progressive.jpg", "cmyk.jpg",          "grey.png",
    "palette.png",  "sixteen.png", "alpha.png",       "orientation-6.jpg", "scene.bmp",
    "top-down.bmp", "scene.gif",   "animated.gif"};
enum { NAME_COUNT = sizeof NAMES / sizeof NAMES[0] };

/* Decodes and resizes bytes in a block of exactly their size, so that reads behind it are seen. */
static ew_status decode_and_resize(size_t size, ew_error *err) {
  uint8_t *bytes = malloc(size > 0 ? size : 1);
  memcpy(bytes, file, size);
  const ew_image_limits limits = ew_image_limits_default();
  ew_image image = {0}, small = {0};
  ew_status status = ew_image_decode(bytes, size, &limits, &image, err);
  if (status == EW_OK) status = ew_image_resize(&image, 5, 9, &small, err);
  ew_image_free(&small);
  ew_image_free(&image);
  free(bytes);
  return status;
}

/* No allocation may fail unnoticed, or leak what came before it. */
static void test_allocations(void) {
  for (int i = 0; i < NAME_COUNT; i++) {
    const size_t size = read_file(NAMES[i]);
    CHECK(size > 0);
    const size_t live = ew_alloc_live();
    int failures = 0;
    for (int n = 0; n < 40; n++) {
      ew_error err = {0};
      ew_alloc_fail_after(n);
      const ew_status status = decode_and_resize(size, &err);
      ew_alloc_fail_after(-1);
      CHECK_EQ(ew_alloc_live(), live);
      if (status == EW_OK) continue;
      failures++;
      CHECK_EQ(status, EW_OUT_OF_MEMORY);
      if (status != EW_OUT_OF_MEMORY) printf("  %s, allocation %d: %s\n", NAMES[i], n, err.message);
    }
    printf("%-18s fails at %d allocations\n", NAMES[i], failures);
    CHECK(failures > 1 && failures < 40);
  }
}

/* Every beginning of every file is refused with a reason. */
static void test_truncation(void) {
  for (int i = 0; i < NAME_COUNT; i++) {
    const size_t size = read_file(NAMES[i]);
    long decoded = 0;
    for (size_t cut = 0; cut < size; cut++) {
      ew_error err = {0};
      const ew_status status = decode_and_resize(cut, &err);
      if (status == EW_OK)
        decoded++;
      else
        CHECK_EQ(status, EW_INVALID_IMAGE);
    }
    printf("%-18s %ld of %zu beginnings decode\n", NAMES[i], decoded, size);
    /* An animation's first frame is whole before the file is; GIF files may lack their last byte, BMP
     * files the padding of theirs, PNG files their empty last chunk, JPEG files their end marker and padding. */
    const bool is_png = strstr(NAMES[i], ".png") != NULL, is_jpeg = strstr(NAMES[i], ".jp") != NULL;
    if (strcmp(NAMES[i], "animated.gif") != 0) CHECK(decoded <= (is_png ? 12 : is_jpeg ? 4 : 1));
    if (is_png || is_jpeg) CHECK(decoded >= 2);
  }
}

/* States another size in the first frame header of the file that has been read. */
static void set_size(size_t size, uint32_t height, uint32_t width) {
  for (size_t at = 0; at + 9 < size; at++) {
    if (file[at] != 0xff || (file[at + 1] != 0xc0 && file[at + 1] != 0xc2)) continue;
    const uint8_t sizes[] = {(uint8_t)(height >> 8), (uint8_t)height, (uint8_t)(width >> 8),
                             (uint8_t)width};
    memcpy(file + at + 5, sizes, sizeof sizes);
    return;
  }
}

static const char *refusal(const char *name, uint32_t height, uint32_t width) {
  static ew_error err;
  const size_t size = read_file(name);
  err = (ew_error){0};
  set_size(size, height, width);
  CHECK_EQ(decode_and_resize(size, &err), EW_UNSUPPORTED_IMAGE);
  return err.message;
}

/* Advice that cannot help is none: a baseline file is baseline already, and one may need too much as well. */
static void test_memory_advice(void) {
  CHECK(strstr(refusal("scene.jpg", 8000, 8000), "save it as PNG") != NULL);
  CHECK(strstr(refusal("progressive.jpg", 4200, 4200), "save it as a baseline JPEG or as PNG") !=
        NULL);
  CHECK(strstr(refusal("progressive.jpg", 8000, 8000), "save it as PNG") != NULL);
}

int main(void) {
  test_orientations();
  test_crop();
  test_resize_of_views();
  test_segment();
  test_segment_ties();
  test_one_channel();
  test_segment_errors();
  test_softmax();
  test_allocations();
  test_truncation();
  test_memory_advice();
  return test_summary();
}
