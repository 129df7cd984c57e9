/* libFuzzer target: a whole `.pte`, from the first byte to the end of the second run.
 *
 * Three quarters of the mutations keep the file's length and change the program's part: inserted bytes
 * would move everything that offsets point to, which finds the same few rejections again and again. */
#include "fuzz_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_model(data, size);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  if (seed % 4 == 0 || size < 64) return LLVMFuzzerMutate(data, size, max_size);
  const bool header = memcmp(data + 8, "eh00", 4) == 0;
  const uint64_t stated = header ? ew_load_u64(data + 16) : size;
  mutate_region(data, 0, stated < size && stated >= 64 ? (size_t)stated : size, seed >> 2);
  return size;
}
