/* libFuzzer target: the XNNPACK payload of a `.pte`.
 *
 * Inputs are whole files, of which only payloads are changed (a header, if there is one, and the
 * FlatBuffer behind it), so that mutations reach the payload's parser, the checks of its nodes and the
 * lowering while the program around it stays valid. */
#include "fuzz_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_model(data, size);
  return 0;
}

/* Payloads by their magic: "XH00" with a header, or a bare "XN01". */
static size_t find_payloads(const uint8_t *data, size_t size, size_t *starts, size_t limit) {
  size_t count = 0;
  for (size_t i = 64; i + 64 < size && count < limit; i += 4) {
    if (memcmp(data + i + 4, "XH00", 4) == 0 || memcmp(data + i + 4, "XN0", 3) == 0)
      starts[count++] = i;
  }
  return count;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  size_t starts[64];
  const size_t count = size < 128 ? 0 : find_payloads(data, size, starts, 64);
  if (count == 0) return LLVMFuzzerMutate(data, size, max_size);
  const size_t start = starts[seed % count];
  size_t end = size;
  if (memcmp(data + start + 4, "XH00", 4) == 0) {
    const uint64_t stated =
        (uint64_t)ew_load_u32(data + start + 10) + ew_load_u32(data + start + 14);
    if (stated >= 64 && stated < size - start) end = start + (size_t)stated;
  }
  mutate_region(data, start, end, seed >> 6);
  return size;
}
