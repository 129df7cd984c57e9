/* base/ and format/flatbuf: sizes, arena, messages, verified access. */
#include <math.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/half.h"
#include "base/list.h"
#include "base/map.h"
#include "base/simd.h"
#include "base/tensor.h"
#include "format/flatbuf.h"
#include "test.h"

static void test_sizes(void) {
  size_t out = 7;
  CHECK(ew_mul_size(3, 4, &out));
  CHECK_EQ(out, 12);
  CHECK(!ew_mul_size(SIZE_MAX, 2, &out));
  CHECK(!ew_add_size(SIZE_MAX, 1, &out));
  CHECK(ew_in_range(4, 4, 8));
  CHECK(!ew_in_range(5, 4, 8));
  CHECK(!ew_in_range(UINT64_MAX, 2, 8));
}

static void test_shapes(void) {
  size_t bytes = 0;
  const size_t image[] = {1, 3, 224, 224};
  CHECK(ew_shape_bytes(EW_F32, image, 4, &bytes));
  CHECK_EQ(bytes, 602112);
  const size_t nibbles[] = {2, 5};
  CHECK(ew_shape_bytes(EW_I4, nibbles, 2, &bytes));
  CHECK_EQ(bytes, 6);
  const size_t huge[] = {SIZE_MAX / 2, 3};
  CHECK(!ew_shape_bytes(EW_F32, huge, 2, &bytes));
  char text[32];
  CHECK_STR(ew_shape_text(image, 4, text, sizeof text), "[1,3,224,224]");
  CHECK_STR(ew_shape_text(image, 0, text, sizeof text), "[]");

  ew_tensor tensor = {.dtype = EW_F32, .rank = 4, .dims = {1, 3, 4, 5}};
  const uint8_t channels_last[] = {0, 2, 3, 1};
  ew_tensor_set_strides(&tensor, channels_last);
  CHECK_EQ(tensor.strides[1], 1);
  CHECK_EQ(tensor.strides[3], 3);
  CHECK_EQ(tensor.strides[2], 15);
  CHECK(!ew_tensor_is_contiguous(&tensor));
  ew_tensor_set_strides(&tensor, NULL);
  CHECK(ew_tensor_is_contiguous(&tensor));
}

static void test_arena(void) {
  const size_t live = ew_alloc_live();
  ew_arena arena;
  ew_arena_init(&arena);
  ew_error err = {0};
  uint8_t *a = NULL, *b = NULL;
  CHECK_EQ(ew_arena_alloc(&arena, 100, 3, &a, &err), EW_OK);
  CHECK_EQ(ew_arena_alloc(&arena, 1 << 20, 1, &b, &err), EW_OK);
  CHECK_EQ(a[299] | b[(1 << 20) - 1], 0);
  CHECK_EQ((uintptr_t)a % 16, 0);
  CHECK_EQ(ew_arena_alloc(&arena, SIZE_MAX, 16, &a, &err), EW_OUT_OF_MEMORY);
  ew_alloc_fail_after(0);
  CHECK_EQ(ew_arena_alloc(&arena, 1 << 22, 1, &b, &err), EW_OUT_OF_MEMORY);
  ew_alloc_fail_after(-1);
  ew_arena_free(&arena);
  CHECK_EQ(ew_alloc_live(), live);
}

static void test_list(void) {
  ew_error err = {0};
  uint32_t *items = NULL;
  uint32_t capacity = 0;
  CHECK_EQ(ew_list_reserve(&items, &capacity, 3, sizeof *items, &err), EW_OK);
  CHECK(capacity >= 3);
  for (uint32_t i = 0; i < 3; i++) items[i] = i + 1;
  const uint32_t before = capacity;
  CHECK_EQ(ew_list_reserve(&items, &capacity, 5 * before, sizeof *items, &err), EW_OK);
  CHECK(capacity >= 5 * before);
  CHECK_EQ(items[2], 3);
  CHECK_EQ(items[before], 0);
  CHECK_EQ(items[capacity - 1], 0);
  const uint32_t room = capacity;
  ew_alloc_fail_after(0);
  CHECK_EQ(ew_list_reserve(&items, &capacity, room + 1, sizeof *items, &err), EW_OUT_OF_MEMORY);
  ew_alloc_fail_after(-1);
  CHECK_EQ(capacity, room);
  CHECK_EQ(items[2], 3);
  ew_free(items);
}

static void test_map(void) {
  enum { COUNT = 1000 };
  ew_error err = {0};
  ew_arena arena;
  ew_map map;
  ew_arena_init(&arena);
  CHECK_EQ(ew_map_init(&map, &arena, COUNT, &err), EW_OK);
  CHECK_EQ(ew_map_get(&map, 0), EW_MAP_NONE);
  for (uint32_t i = 0; i < COUNT; i++) ew_map_set(&map, (uint64_t)i << 33, i);
  for (uint32_t i = 0; i < COUNT; i++) CHECK_EQ(ew_map_get(&map, (uint64_t)i << 33), i);
  CHECK_EQ(ew_map_get(&map, 1), EW_MAP_NONE);
  ew_map_set(&map, 7ull << 33, 70);
  CHECK_EQ(ew_map_get(&map, 7ull << 33), 70);
  CHECK_EQ(ew_map_get(&map, 8ull << 33), 8);
  CHECK(ew_map_text_key("weight") != ew_map_text_key("weights"));
  CHECK_EQ(ew_map_init(&map, &arena, 0, &err), EW_OK);
  CHECK_EQ(ew_map_get(&map, 0), EW_MAP_NONE);
  ew_arena_free(&arena);
}

static void test_messages(void) {
  ew_error err = {0};
  CHECK_EQ(ew_fail(&err, EW_NOT_FOUND, "no %s", "method"), EW_NOT_FOUND);
  CHECK_EQ(ew_fail_context(&err, err.code, "part %d", 3), EW_NOT_FOUND);
  CHECK_STR(err.message, "part 3: no method");
  CHECK_STR(ew_status_name(EW_INVALID_PROGRAM), "InvalidProgram");
  CHECK_STR(ew_status_name((ew_status)9999), "UnknownError");
}

/* A buffer with one table: field 0 = u32 7, field 1 = a vector of two bytes. */
static const uint8_t good[] = {
    16, 0, 0,  0, 'T', 'E', 'S', 'T', /* root at 16 */
    8,  0, 12, 0, 4,   0,   8,   0,   /* vtable at 8: 8 bytes, table of 12, fields at 4 and 8 */
    8,  0, 0,  0, 7,   0,   0,   0,   4, 0, 0, 0, /* table at 16; vector at 24 + 4 = 28 */
    2,  0, 0,  0, 5,   6,
};

static void test_flatbuf(void) {
  ew_error err = {0};
  ew_fb fb;
  ew_fb_init(&fb, (ew_bytes){good, sizeof good}, "test", &err);
  const ew_fb_table root = ew_fb_root(&fb);
  CHECK_EQ(ew_fb_u32(root, 0), 7);
  const ew_fb_vector bytes = ew_fb_vec(root, 1, 1);
  CHECK_EQ(bytes.count, 2);
  CHECK_EQ(bytes.items[1], 6);
  CHECK_EQ(ew_fb_u32(root, 9), 0);
  CHECK(!ew_fb_present(root, 2));
  CHECK_EQ(ew_fb_status(&fb), EW_OK);

  /* Every truncation and every single changed byte is either read within bounds or refused. */
  for (size_t cut = 0; cut < sizeof good; cut++) {
    ew_fb_init(&fb, (ew_bytes){good, cut}, "test", &err);
    ew_fb_vec(ew_fb_root(&fb), 1, 1);
    CHECK_EQ(ew_fb_status(&fb), EW_INVALID_PROGRAM);
  }
  for (size_t i = 0; i < sizeof good; i++) {
    uint8_t bad[sizeof good];
    memcpy(bad, good, sizeof good);
    bad[i] ^= 0xff;
    ew_fb_init(&fb, (ew_bytes){bad, sizeof bad}, "test", &err);
    const ew_fb_table table = ew_fb_root(&fb);
    const ew_fb_vector items = ew_fb_vec(table, 1, 1);
    CHECK(items.count == 0 || items.items + items.count <= bad + sizeof bad);
    CHECK(ew_fb_str(table, 1) != NULL);
  }
}

/* Every value survives; what lies between two neighbours goes to the nearer one, in the middle to the even. */
static void check_16_bits(float (*widen)(uint16_t), uint16_t (*narrow)(float), uint16_t infinity) {
  unsigned wrong = 0;
  for (uint32_t bits = 0; bits <= 0xFFFF; bits++) {
    const float value = widen((uint16_t)bits);
    const bool nan = (bits & 0x7FFF) > infinity;
    wrong += nan ? value == value || (narrow(value) & 0x7FFF) <= infinity : narrow(value) != bits;
  }
  for (uint16_t low = 0; low + 1 < infinity; low++) {
    const uint16_t high = (uint16_t)(low + 1), even = low % 2 == 0 ? low : high;
    const float middle = (float)(((double)widen(low) + (double)widen(high)) / 2);
    wrong += narrow(middle) != even || narrow(-middle) != (even | 0x8000);
    wrong += narrow(nextafterf(middle, 0)) != low || narrow(nextafterf(middle, INFINITY)) != high;
  }
  CHECK_EQ(wrong, 0);
}

static void test_half(void) {
  check_16_bits(ew_f16_to_f32, ew_f32_to_f16, 0x7C00);
  check_16_bits(ew_bf16_to_f32, ew_f32_to_bf16, 0x7F80);
  CHECK(ew_f16_to_f32(0x3555) == 0.333251953125f && ew_f16_to_f32(1) == 0x1p-24f);
  CHECK(ew_f32_to_f16(65519.996f) == 0x7BFF && ew_f32_to_f16(65520) == 0x7C00);
  CHECK(ew_f32_to_f16(-1e30f) == 0xFC00 && ew_f32_to_f16(0x1p-26f) == 0);
  CHECK(ew_bf16_to_f32(0x4049) == 3.140625f && ew_f32_to_bf16(3.4e38f) == 0x7F80);
}

/* x * sigmoid(factor * x), near 0 and where exponents end, in place and with what is left of a vector. */
static void test_silu(void) {
  enum { COUNT = 4003 };
  static float x[COUNT], y[COUNT + 1];
  static const float factors[] = {1, 1.702f, -0.5f, 0};
  for (size_t f = 0; f < sizeof factors / sizeof *factors; f++) {
    for (int i = 0; i < COUNT; i++) x[i] = (float)(i - COUNT / 2) * (i % 2 == 0 ? 0.05f : 0.003f);
    memcpy(y, x, sizeof x);
    y[COUNT] = 7;
    ew_silu(y, factors[f], y, COUNT);
    CHECK(y[COUNT] == 7);
    for (int i = 0; i < COUNT; i++) {
      const double z = (double)x[i] * (double)factors[f], wanted = x[i] / (1 + exp(-z));
      const double slack = fabs(wanted) * 0x1p-22 * (1 + fabs(z));
      CHECK(fabs(y[i] - wanted) <= slack + 1e-36);
    }
  }
}

/* As the product of the two has them. */
static void test_silu_extremes(void) {
  const float x[] = {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 0, -0.0f, -200};
  float y[8];
  ew_silu(x, 1, y, 8);
  CHECK(isnan(y[0]) && isnan(y[2]));
  CHECK(y[1] == INFINITY && y[3] == 3e38f);
  for (int i = 4; i < 8; i++) CHECK(y[i] == 0 && !signbit(y[i]) == (i == 5));
}

int main(void) {
  RUN(test_half);
  RUN(test_silu);
  RUN(test_silu_extremes);
  RUN(test_sizes);
  RUN(test_shapes);
  RUN(test_arena);
  RUN(test_list);
  RUN(test_map);
  RUN(test_messages);
  RUN(test_flatbuf);
  return test_summary();
}
