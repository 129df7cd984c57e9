/* What the targets that read models share: a load and a run under small limits, and mutations that know
 * where a FlatBuffer keeps its numbers. */
#ifndef EW_FUZZ_MODEL_H
#define EW_FUZZ_MODEL_H

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "ew.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Multiplications of a run, and bytes of an input: a tenth of a second under sanitizers. */
enum { FUZZ_MAX_WORK = 1 << 22, FUZZ_MAX_INPUT = 1 << 20 };

/* Loads the file, runs it twice on a ramp; whatever fails must fail cleanly. Allocations that are left
 * over abort. */
static inline void fuzz_model(const uint8_t *data, size_t size) {
  const size_t live = ew_alloc_live();
  ew_error err = {0};
  ew_model *model = NULL;
  const ew_load_options options = {.file_size = size, .max_work = FUZZ_MAX_WORK};
  ew_status status = ew_model_load(data, size, &options, &model, &err);
  for (int round = 0; status == EW_OK && round < 2; round++) {
    for (uint32_t i = 0; status == EW_OK && i < ew_model_num_inputs(model); i++) {
      const ew_tensor info = ew_model_input_info(model, i);
      if (ew_tensor_bytes(&info) > FUZZ_MAX_INPUT) goto done;
      size_t dims[EW_MAX_RANK];
      /* The second run tries a smaller first dimension, which only dynamic inputs take. */
      memcpy(dims, info.dims, sizeof dims);
      if (round == 1 && info.rank > 0 && dims[0] > 1) dims[0]--;
      ew_tensor input;
      status = ew_model_set_input(model, i, info.dtype, info.rank, dims, &input, &err);
      for (size_t k = 0; status == EW_OK && k < ew_tensor_bytes(&input); k++) {
        ((uint8_t *)input.data)[k] = (uint8_t)(k % 4 == 3 ? 0x3e : k);
      }
    }
    if (status == EW_OK) status = ew_model_run(model, &err);
  }
  if (status != EW_OK && err.message[0] == '\0') abort();
done:
  ew_model_destroy(model);
  if (ew_alloc_live() != live) abort();
}

/* Changes one 32-bit number of data[from, to): most of what a FlatBuffer holds are offsets, counts, ids
 * and sizes, and most limits are near other values of the file. */
static inline void tweak_number(uint8_t *data, size_t from, size_t to, unsigned seed) {
  static const uint32_t interesting[] = {
      0,          1,          2,        3,        4,        7,          8,          16,
      31,         63,         64,       127,      255,      256,        4096,       65535,
      0x7fffffff, 0xffffffff, 1u << 24, 1u << 31, 1u << 30, 0x3f800000, 0x7f800000, 0x7fc00000};
  if (to < from + 4) return;
  uint8_t *p = data + from + (seed >> 8) % ((to - from) / 4) * 4;
  uint32_t value = ew_load_u32(p);
  switch (seed % 6) {
    case 0:
      value = interesting[(seed >> 4) % (sizeof interesting / sizeof interesting[0])];
      break;
    case 1:
      value++;
      break;
    case 2:
      value--;
      break;
    case 3:
      value ^= 1u << (seed >> 3) % 32;
      break;
    case 4: /* another number of the same region */
      value = ew_load_u32(data + from + (seed >> 13) % ((to - from) / 4) * 4);
      break;
    default:
      value = (value & ~0xffu) | (seed >> 5 & 0xff);
      break;
  }
  for (int i = 0; i < 4; i++) p[i] = (uint8_t)(value >> 8 * i);
}

/* One to four changes of data[from, to), of the same length. */
static inline void mutate_region(uint8_t *data, size_t from, size_t to, unsigned seed) {
  const unsigned rounds = 1 + seed % 4;
  for (unsigned i = 0; i < rounds; i++) {
    seed = seed * 1664525u + 1013904223u;
    if ((seed >> 16) % 4 != 0) {
      tweak_number(data, from, to, seed >> 2);
    } else {
      LLVMFuzzerMutate(data + from, to - from, to - from);
    }
  }
}

#endif
