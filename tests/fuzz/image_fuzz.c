/* libFuzzer target: encoded pictures, from the sniffer through orientation, region and resize to the
 * tensor.
 *
 * The pixel limit is low, so that the fuzzer spends its time on parsers rather than on large maps. */
#include <stdint.h>
#include <stdlib.h>

#include "image/image.h"

enum { MAX_PIXELS = 1 << 14, WIDTH = 9, HEIGHT = 5 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right) {
  if (!right) abort();
}

/* What a caller may do with a picture; region and turns follow from the file's last bytes. */
static void use(ew_image *image, uint32_t choice) {
  ew_error err = {0};
  static float pixels[3 * HEIGHT * WIDTH];
  ew_tensor tensor = {.dtype = EW_F32, .rank = 4, .dims = {1, 3, HEIGHT, WIDTH}, .data = pixels};
  if (choice % 2 == 0) {
    tensor = (ew_tensor){.dtype = EW_F32, .rank = 3, .dims = {HEIGHT, WIDTH, 3}, .data = pixels};
  }
  ew_tensor_set_strides(&tensor, NULL);
  const float mean[3] = {0.5f, 0.25f, 0}, std[3] = {0.5f, 0.25f, 1};
  check(ew_image_to_tensor(image, choice % 3 == 0 ? mean : NULL, choice % 3 == 0 ? std : NULL, NULL,
                           &tensor, &err) == EW_OK);
  const uint32_t x = choice >> 8 & 15, y = choice >> 12 & 15;
  const uint32_t width = choice >> 16 & 31, height = choice >> 21 & 31;
  const bool fits =
      width > 0 && height > 0 && x + width <= image->width && y + height <= image->height;
  const ew_status status =
      ew_image_crop(image, x, y, width, height, (int)(choice >> 26) - 32, &err);
  check(status == (fits ? EW_OK : EW_INVALID_USER_INPUT));
  ew_image resized = {0};
  check(ew_image_resize(image, 1 + (choice & 31), 1 + (choice >> 3 & 31), &resized, &err) == EW_OK);
  uint8_t *rgb = malloc((size_t)resized.width * resized.height * 3);
  ew_image_copy_rgb(&resized, rgb);
  free(rgb);
  ew_image_free(&resized);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ew_error err = {0};
  ew_image image = {0};
  /* Browsers decode some formats themselves, and ask for the turn alone. */
  const int orientation = ew_image_exif_orientation(data, size);
  check(orientation >= 1 && orientation <= 8);
  const ew_image_limits limits = {.max_pixels = MAX_PIXELS};
  if (ew_image_decode(data, size, &limits, &image, &err) != EW_OK) {
    check(err.message[0] != '\0');
    return 0;
  }
  uint32_t choice = 0;
  for (size_t i = 0; i < size; i++) choice = choice * 31 + data[i];
  use(&image, choice);
  ew_image_free(&image);
  return 0;
}
