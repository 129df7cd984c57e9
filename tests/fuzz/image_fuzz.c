/* libFuzzer target: encoded pictures, from the sniffer through orientation and resize to the tensor.
 *
 * The pixel limit is low, so that the fuzzer spends its time on parsers rather than on large maps. */
#include <stdint.h>
#include <stdlib.h>

#include "image/image.h"

enum { MAX_PIXELS = 1 << 16, WIDTH = 9, HEIGHT = 5 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ew_error err = {0};
  ew_image image = {0};
  const ew_image_limits limits = {.max_pixels = MAX_PIXELS};
  if (ew_image_decode(data, size, &limits, &image, &err) != EW_OK) return 0;
  static float pixels[3 * HEIGHT * WIDTH];
  ew_tensor tensor = {.dtype = EW_F32, .rank = 4, .dims = {1, 3, HEIGHT, WIDTH}, .data = pixels};
  ew_tensor_set_strides(&tensor, NULL);
  if (ew_image_to_tensor(&image, NULL, NULL, &tensor, &err) != EW_OK) abort();
  ew_image_free(&image);
  return 0;
}
