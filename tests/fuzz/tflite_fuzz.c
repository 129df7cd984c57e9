/* libFuzzer target: a whole `.tflite`, from the first byte to the end of the second run.
 *
 * Tables and weights lie between each other, so that any number of the file may be changed; three quarters of
 * the mutations keep its length, since what is inserted moves everything that offsets point to. */
#include "fuzz_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_model(data, size);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  if (seed % 4 == 0 || size < 64) return LLVMFuzzerMutate(data, size, max_size);
  mutate_region(data, 0, size, seed >> 2);
  return size;
}
