/* The kernel table, and the kernels that the fp32 target models call. */
#include "kernels/signature.h"
#include "kernels_fixture.h"

static void test_table(void) {
  size_t count = 0;
  const ew_kernel *rows = ew_kernel_table(&count);
  for (size_t i = 0; i < count; i++) {
    if (i > 0) CHECK(strcmp(rows[i - 1].name, rows[i].name) < 0);
    CHECK(ew_kernel_find(rows[i].name) == &rows[i]);
    const char *colon = strchr(rows[i].signature, ':');
    CHECK(colon != NULL && colon - rows[i].signature <= EW_SIGNATURE_MAX);
    CHECK(strlen(rows[i].signature) <= EW_SIGNATURE_MAX);
    CHECK((rows[i].run == NULL) == ((rows[i].flags & EW_KERNEL_VIEW) != 0));
  }
  CHECK(ew_kernel_find("aten::nothing.out") == NULL);
  CHECK(ew_kernel_find("") == NULL);
}

static void test_expand(void) {
  kernel_test t;
  begin(&t, "aten::expand_copy.out");
  in(&t, DIMS(2, 1), F32(1, 2));
  arg_list(&t, INTS(2, -1, 3));
  arg_b(&t, false);
  out(&t, EW_F32);
  OK(&t);
  EXPECT(&t, DIMS(2, 2, 3), VALUES(1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2));
  end(&t);

  begin(&t, "aten::expand_copy.out");
  in(&t, DIMS(2), F32(1, 2));
  arg_list(&t, INTS(3));
  arg_b(&t, false);
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_PROGRAM, "cannot expand to 3");

  begin(&t, "aten::expand_copy.out");
  in(&t, DIMS(1), F32(1));
  arg_list(&t, INTS(1 << 20, 1 << 20));
  arg_b(&t, false);
  out(&t, EW_F32);
  FAILS(&t, EW_OUT_OF_RESOURCES, "too large");
}

static void test_embedding(void) {
  kernel_test t;
  begin(&t, "aten::embedding.out");
  in(&t, DIMS(3, 2), F32(0, 1, 2, 3, 4, 5));
  in(&t, DIMS(1, 3), I64(2, 0, 1));
  arg_i(&t, -1);
  arg_b(&t, false);
  arg_b(&t, false);
  out(&t, EW_F32);
  OK(&t);
  EXPECT(&t, DIMS(1, 3, 2), VALUES(4, 5, 0, 1, 2, 3));
  end(&t);

  begin(&t, "aten::embedding.out");
  in(&t, DIMS(3, 2), F32(0, 1, 2, 3, 4, 5));
  in(&t, DIMS(1), I32(3));
  arg_i(&t, -1);
  arg_b(&t, false);
  arg_b(&t, false);
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_ARGUMENT, "index 3 is out of range [0, 3)");
}

static void test_layer_norm(void) {
  kernel_test t;
  begin(&t, "aten::native_layer_norm.out");
  in(&t, DIMS(2, 5), F32(1, 2, 3, 4, 5, 10, 10, 10, 10, 10));
  arg_list(&t, INTS(5));
  in(&t, DIMS(5), F32(1, 1, 2, 1, 1));
  in(&t, DIMS(5), F32(0, 0, 7, 0, 1));
  arg_d(&t, 1e-5);
  for (int i = 0; i < 3; i++) out(&t, EW_F32);
  OK(&t);
  const double r = 1 / sqrt(2 + 1e-5);
  EXPECT_NEAR(&t, 1e-6, DIMS(2, 5), VALUES(-2 * r, -r, 7, r, 2 * r + 1, 0, 0, 7, 0, 1));
  EXPECT_OUT_NEAR(&t, 1, 0, DIMS(2, 1), VALUES(3, 10));
  EXPECT_OUT_NEAR(&t, 2, 1e-4, DIMS(2, 1), VALUES(r, 1 / sqrt(1e-5)));
  end(&t);

  /* A row longer than the vectors, without weights: mean 49.5, variance (n^2 - 1) / 12. */
  float x[100];
  double expected[100];
  for (int i = 0; i < 100; i++) {
    x[i] = (float)i;
    expected[i] = (i - 49.5) / sqrt(9999.0 / 12 + 1e-5);
  }
  begin(&t, "aten::native_layer_norm.out");
  in(&t, DIMS(1, 100), EW_F32, x);
  arg_list(&t, INTS(100));
  no_input(&t);
  no_input(&t);
  arg_d(&t, 1e-5);
  for (int i = 0; i < 3; i++) out(&t, EW_F32);
  OK(&t);
  EXPECT_NEAR(&t, 1e-6, DIMS(1, 100), expected, 100);
  end(&t);

  begin(&t, "aten::native_layer_norm.out");
  in(&t, DIMS(2, 5), EW_F32, x);
  arg_list(&t, INTS(4));
  no_input(&t);
  no_input(&t);
  arg_d(&t, 1e-5);
  for (int i = 0; i < 3; i++) out(&t, EW_F32);
  FAILS(&t, EW_INVALID_PROGRAM, "normalized_shape");
}

/* eq(-inf) -> not -> any -> where: the safe softmax of attention. */
static void test_safe_softmax_ops(void) {
  kernel_test t;
  begin(&t, "aten::eq.Scalar_out");
  in(&t, DIMS(2, 2), F32(-INFINITY, 1, -INFINITY, NAN));
  arg_d(&t, -INFINITY);
  out(&t, EW_BOOL);
  OK(&t);
  EXPECT(&t, DIMS(2, 2), VALUES(1, 0, 1, 0));
  end(&t);

  begin(&t, "aten::logical_not.out");
  in(&t, DIMS(3), BOOLS(1, 0, 1));
  out(&t, EW_BOOL);
  OK(&t);
  EXPECT(&t, DIMS(3), VALUES(0, 1, 0));
  end(&t);

  begin(&t, "aten::any.out");
  in(&t, DIMS(2, 3), BOOLS(0, 0, 0, 0, 1, 0));
  arg_i(&t, -1);
  arg_b(&t, true);
  out(&t, EW_BOOL);
  OK(&t);
  EXPECT(&t, DIMS(2, 1), VALUES(0, 1));
  end(&t);

  begin(&t, "aten::full_like.out");
  in(&t, DIMS(2), F32(5, 6));
  arg_i(&t, 0);
  none(&t);
  out(&t, EW_F32);
  OK(&t);
  EXPECT(&t, DIMS(2), VALUES(0, 0));
  end(&t);

  begin(&t, "aten::where.self_out");
  in(&t, DIMS(2, 1), BOOLS(1, 0));
  in(&t, SCALAR, F32(9));
  in(&t, DIMS(2, 3), F32(1, 2, 3, 4, 5, 6));
  out(&t, EW_F32);
  OK(&t);
  EXPECT(&t, DIMS(2, 3), VALUES(9, 9, 9, 4, 5, 6));
  end(&t);
}

static void test_mul_scalar(void) {
  kernel_test t;
  begin(&t, "aten::mul.Scalar_out");
  in(&t, DIMS(5), F32(1, -2, 3, 4, 0));
  arg_d(&t, 0.5);
  out(&t, EW_F32);
  OK(&t);
  EXPECT(&t, DIMS(5), VALUES(0.5, -1, 1.5, 2, 0));
  end(&t);

  begin(&t, "aten::mul.Scalar_out");
  in(&t, DIMS(2), I32(INT32_MAX, 3));
  arg_i(&t, 2);
  out(&t, EW_I32);
  OK(&t);
  EXPECT(&t, DIMS(2), VALUES(-2, 6));
  end(&t);

  begin(&t, "aten::mul.Scalar_out");
  in(&t, DIMS(2), EW_F16, (uint16_t[]){0x3C00, 0xC500});
  arg_i(&t, 2);
  out(&t, EW_F16);
  OK(&t);
  EXPECT(&t, DIMS(2), VALUES(2, -10));
  end(&t);
}

static void test_select_cat(void) {
  kernel_test t;
  begin(&t, "aten::select_copy.int_out");
  in(&t, DIMS(2, 3), F32(0, 1, 2, 3, 4, 5));
  arg_i(&t, 1);
  arg_i(&t, -1);
  out(&t, EW_F32);
  OK(&t);
  EXPECT(&t, DIMS(2), VALUES(2, 5));
  end(&t);

  begin(&t, "aten::select_copy.int_out");
  in(&t, DIMS(2, 3), F32(0, 1, 2, 3, 4, 5));
  arg_i(&t, 0);
  arg_i(&t, -3);
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_PROGRAM, "index -3 is out of range");

  begin(&t, "aten::cat.out");
  in(&t, DIMS(2, 1), F32(0, 1));
  in(&t, DIMS(0), F32(0));
  in(&t, DIMS(2, 2), F32(2, 3, 4, 5));
  arg_i(&t, -1);
  out(&t, EW_F32);
  OK(&t);
  EXPECT(&t, DIMS(2, 3), VALUES(0, 2, 3, 1, 4, 5));
  end(&t);

  begin(&t, "aten::cat.out");
  in(&t, DIMS(2, 1), F32(0, 1));
  in(&t, DIMS(3, 1), F32(2, 3, 4));
  arg_i(&t, 1);
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_PROGRAM, "does not fit");
}

static void test_copies(void) {
  kernel_test t;
  /* [2,2] in column-major order comes out row-major. */
  begin(&t, "dim_order_ops::_clone_dim_order.out");
  ew_tensor *x = in(&t, DIMS(2, 2), F32(1, 2, 3, 4));
  ew_tensor_set_strides(x, (const uint8_t[]){1, 0});
  arg_b(&t, false);
  none(&t);
  out(&t, EW_F32);
  OK(&t);
  EXPECT(&t, DIMS(2, 2), VALUES(1, 3, 2, 4));
  end(&t);

  begin(&t, "dim_order_ops::_to_dim_order_copy.out");
  in(&t, SCALAR, I64(7));
  arg_b(&t, false);
  none(&t);
  out(&t, EW_F32);
  OK(&t);
  EXPECT(&t, SCALAR, VALUES(7));
  end(&t);

  begin(&t, "dim_order_ops::_to_dim_order_copy.out");
  in(&t, DIMS(5), F32(-1.5, 2.9, NAN, 1e30, 300));
  arg_b(&t, false);
  none(&t);
  out(&t, EW_I64);
  OK(&t);
  EXPECT(&t, DIMS(5), VALUES(-1, 2, 0, 9223372036854775807.0, 300));
  end(&t);

  begin(&t, "aten::clone.out");
  in(&t, DIMS(0, 3), F32(0));
  none(&t);
  out(&t, EW_F32);
  OK(&t);
  EXPECT(&t, DIMS(0, 3), NO_VALUES);
  end(&t);
}

static void test_view(void) {
  kernel_test t;
  begin(&t, "executorch_prim::et_view.default");
  in(&t, DIMS(2, 6), EW_F32, NULL);
  arg_list(&t, INTS(3, -1, 2));
  out(&t, EW_F32);
  CHECK_EQ(t.node.kernel->prepare(&t.call), EW_OK);
  CHECK_EQ(t.outputs[0].rank, 3);
  CHECK_EQ(t.outputs[0].dims[1], 2);

  begin(&t, "executorch_prim::et_view.default");
  in(&t, DIMS(2, 6), EW_F32, NULL);
  arg_list(&t, INTS(5, -1));
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_PROGRAM, "cannot be viewed");
}

static void quantize(kernel_test *t, const char *name, double scale, int64_t zero, bool back) {
  static int8_t quantised[] = {-128, -3, 0, 127};
  static float floats[] = {-100, -0.75f, 0.25f, 31.75f};
  begin(t, name);
  if (back) {
    in(t, DIMS(4), EW_I8, quantised);
  } else {
    in(t, DIMS(4), EW_F32, floats);
  }
  arg_d(t, scale);
  arg_i(t, zero);
  arg_i(t, -128);
  arg_i(t, 127);
  arg_i(t, 1); /* ScalarType Char */
  if (back) none(t);
  out(t, back ? EW_F32 : EW_I8);
}

/* q = clamp(round half to even(x / scale) + zero point). */
static void test_quantisation(void) {
  kernel_test t;
  quantize(&t, "quantized_decomposed::quantize_per_tensor.out", 0.5, 3, false);
  OK(&t);
  EXPECT(&t, DIMS(4), VALUES(-128, 1, 3, 67));
  end(&t);

  quantize(&t, "quantized_decomposed::dequantize_per_tensor.out", 0.5, 3, true);
  OK(&t);
  EXPECT(&t, DIMS(4), VALUES(-65.5, -3, -1.5, 62));
  end(&t);

  quantize(&t, "quantized_decomposed::quantize_per_tensor.out", 0, 3, false);
  FAILS(&t, EW_INVALID_PROGRAM, "scale 0");

  begin(&t, "quantized_decomposed::dequantize_per_channel.out");
  in(&t, DIMS(2, 2), I8(1, 2, 3, 4));
  in(&t, DIMS(2), F32(0.5, 2));
  no_input(&t);
  arg_i(&t, 1);
  arg_i(&t, -128);
  arg_i(&t, 127);
  arg_i(&t, 1);
  none(&t);
  out(&t, EW_F32);
  OK(&t);
  EXPECT(&t, DIMS(2, 2), VALUES(0.5, 4, 1.5, 8));
  end(&t);

  begin(&t, "quantized_decomposed::quantize_per_channel.out");
  in(&t, DIMS(2, 2), F32(1, 2, 3, -4));
  in(&t, DIMS(2), F32(0.5, 2));
  in(&t, DIMS(2), I64(10, 0));
  arg_i(&t, 0);
  arg_i(&t, -128);
  arg_i(&t, 127);
  arg_i(&t, 1);
  out(&t, EW_I8);
  OK(&t);
  EXPECT(&t, DIMS(2, 2), VALUES(12, 14, 2, -2));
  end(&t);
}

static void check_symbol(const char *name, int64_t a, int64_t b, double expected) {
  kernel_test t;
  begin(&t, name);
  arg_i(&t, a);
  if (strstr(name, "neg") == NULL) arg_i(&t, b);
  out(&t, EW_I64);
  OK(&t);
  EXPECT(&t, SCALAR, &expected, 1);
  end(&t);
}

/* Arithmetic of shapes rounds as Python does. */
static void test_symbols(void) {
  check_symbol("executorch_prim::add.Scalar", 7, -9, -2);
  check_symbol("executorch_prim::sub.Scalar", 7, -9, 16);
  check_symbol("executorch_prim::mul.Scalar", 7, -9, -63);
  check_symbol("executorch_prim::floordiv.Scalar", -7, 2, -4);
  check_symbol("executorch_prim::mod.Scalar", -7, 3, 2);
  check_symbol("executorch_prim::sym_max.Scalar", -7, 3, 3);
  check_symbol("executorch_prim::sym_min.Scalar", -7, 3, -7);
  check_symbol("executorch_prim::neg.Scalar", -7, 0, 7);
  check_symbol("executorch_prim::eq.Scalar", 3, 3, 1);
  check_symbol("executorch_prim::ne.Scalar", 3, 3, 0);
  check_symbol("executorch_prim::lt.Scalar", 2, 3, 1);
  check_symbol("executorch_prim::le.Scalar", 3, 3, 1);
  check_symbol("executorch_prim::gt.Scalar", 2, 3, 0);
  check_symbol("executorch_prim::ge.Scalar", 3, 3, 1);
  kernel_test t;
  begin(&t, "aten::sym_size.int");
  in(&t, DIMS(2, 3), F32(0, 0, 0, 0, 0, 0));
  arg_i(&t, -1);
  out(&t, EW_I64);
  OK(&t);
  EXPECT(&t, SCALAR, (const double[]){3}, 1);
  end(&t);
  begin(&t, "executorch_prim::floordiv.Scalar");
  arg_i(&t, 1);
  arg_i(&t, 0);
  out(&t, EW_I64);
  FAILS(&t, EW_INVALID_PROGRAM, "1 divided by 0");
}

/* Indices are data: each is checked. */
/* Structural errors of views that the arguments state. */
static void test_view_errors(void) {
  kernel_test t;
  begin(&t, "aten::as_strided_copy.out");
  in(&t, DIMS(2, 3), F32(1, 2, 3, 4, 5, 6));
  arg_list(&t, INTS(2, 3));
  arg_list(&t, INTS(3, 2));
  none(&t);
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_PROGRAM, "leave the 6 elements");

  begin(&t, "aten::as_strided_copy.out");
  in(&t, DIMS(2), F32(1, 2));
  arg_list(&t, INTS(1 << 30, 1 << 30, 1 << 30));
  arg_list(&t, INTS(1 << 30, 1 << 30, 1 << 30));
  none(&t);
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_PROGRAM, "leave the 2 elements");

  begin(&t, "aten::unfold_copy.out");
  in(&t, DIMS(4), F32(1, 2, 3, 4));
  arg_i(&t, 0);
  arg_i(&t, 5);
  arg_i(&t, 1);
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_PROGRAM, "windows of 5 every 1");

  begin(&t, "aten::narrow_copy.out");
  in(&t, DIMS(4), F32(1, 2, 3, 4));
  arg_i(&t, 0);
  arg_i(&t, 3);
  arg_i(&t, INT64_MAX);
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_PROGRAM, "leave dimension 0 of size 4");

  begin(&t, "aten::topk.values");
  in(&t, DIMS(4), F32(1, 2, 3, 4));
  arg_i(&t, 5);
  arg_i(&t, 0);
  arg_b(&t, true);
  arg_b(&t, true);
  out(&t, EW_F32);
  out(&t, EW_I64);
  FAILS(&t, EW_INVALID_PROGRAM, "5 elements of a dimension of size 4");

  begin(&t, "aten::grid_sampler_2d.out");
  in(&t, DIMS(1, 1, 1, 1), F32(1));
  in(&t, DIMS(1, 1, 1, 2), F32(0, 0));
  arg_i(&t, 3);
  arg_i(&t, 0);
  arg_b(&t, true);
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_PROGRAM, "interpolation mode 3 is unknown");

  /* Coordinates that no integer holds. */
  begin(&t, "aten::grid_sampler_2d.out");
  in(&t, DIMS(1, 1, 1, 2), F32(1, 2));
  in(&t, DIMS(1, 1, 3, 2), F32(NAN, NAN, 1e30f, 0, INFINITY, -INFINITY));
  arg_i(&t, 0);
  arg_i(&t, 0);
  arg_b(&t, true);
  out(&t, EW_F32);
  OK(&t);
  EXPECT(&t, DIMS(1, 1, 1, 3), VALUES(0, 0, 0));
  end(&t);
}

/* What the data give must fit what prepare has stated, in its dim order. */
static void test_sizes(void) {
  kernel_test t;
  begin(&t, "aten::nonzero.out");
  in(&t, DIMS(2, 2), F32(0, 1, 1, 0));
  out(&t, EW_I64);
  CHECK(t.node.kernel->prepare(&t.call) == EW_OK);
  CHECK(t.outputs[0].dims[0] == 4 && t.outputs[0].dims[1] == 2);
  int64_t places[4] = {9, 9, 9, 9};
  t.outputs[0].data = places;
  /* The file declares at most one; then at most three, column by column. */
  t.outputs[0].dims[0] = 1;
  CHECK(t.node.kernel->run(&t.call) == EW_INVALID_ARGUMENT && places[0] == 9);
  CHECK(strstr(t.err.message, "the data give [2,2], the program expects at most [1,2]") != NULL);
  t.outputs[0].dims[0] = 3;
  ew_tensor_set_strides(&t.outputs[0], (const uint8_t[]){1, 0});
  CHECK(t.node.kernel->run(&t.call) == EW_OK);
  CHECK(t.outputs[0].dims[0] == 2 && t.outputs[0].strides[1] == 2);
  CHECK(places[0] == 0 && places[1] == 1 && places[2] == 1 && places[3] == 0);

  begin(&t, "aten::repeat_interleave.Tensor_out");
  in(&t, DIMS(2), I64(3, -1));
  arg_i(&t, 2);
  out(&t, EW_I64);
  FAILS(&t, EW_INVALID_ARGUMENT, "more than 2 elements");
  begin(&t, "aten::repeat_interleave.Tensor_out");
  in(&t, DIMS(2), I64(1, 0));
  arg_i(&t, 2);
  out(&t, EW_I64);
  FAILS(&t, EW_INVALID_ARGUMENT, "output_size says 2");
}

static void test_index_errors(void) {
  kernel_test t;
  begin(&t, "aten::gather.out");
  in(&t, DIMS(2, 2), F32(1, 2, 3, 4));
  arg_i(&t, 0);
  in(&t, DIMS(1, 2), I64(0, 2));
  arg_b(&t, false);
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_ARGUMENT, "index 2 is out of range");

  begin(&t, "aten::index.Tensor_out");
  in(&t, DIMS(2, 2), F32(1, 2, 3, 4));
  in(&t, DIMS(1), I64(-3));
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_ARGUMENT, "index -3 is out of range");

  begin(&t, "aten::index.Tensor_out");
  in(&t, DIMS(2, 2), F32(1, 2, 3, 4));
  in(&t, DIMS(3), BOOLS(1, 0, 1));
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_PROGRAM, "a mask [3] does not fit input [2,2] at dimension 0");

  begin(&t, "aten::index_put.out");
  in(&t, DIMS(3), F32(1, 2, 3));
  in(&t, DIMS(3), BOOLS(1, 0, 1));
  in(&t, DIMS(3), F32(7, 8, 9));
  arg_b(&t, false);
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_ARGUMENT, "values [3] do not broadcast to the [2] elements indexed");

  begin(&t, "aten::masked_scatter.out");
  in(&t, DIMS(3), F32(1, 2, 3));
  in(&t, DIMS(3), BOOLS(1, 0, 1));
  in(&t, DIMS(1), F32(7));
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_ARGUMENT, "the mask takes 2 elements");

  begin(&t, "aten::scatter.value_out");
  in(&t, DIMS(2, 2), F32(1, 2, 3, 4));
  arg_i(&t, 1);
  in(&t, DIMS(2, 1), I64(0, -1));
  arg_d(&t, 1);
  out(&t, EW_F32);
  FAILS(&t, EW_INVALID_ARGUMENT, "index -1 is out of range");
}

int main(void) {
  RUN(test_table);
  RUN(test_expand);
  RUN(test_embedding);
  RUN(test_layer_norm);
  RUN(test_safe_softmax_ops);
  RUN(test_mul_scalar);
  RUN(test_select_cat);
  RUN(test_copies);
  RUN(test_view);
  RUN(test_quantisation);
  RUN(test_symbols);
  RUN(test_index_errors);
  RUN(test_view_errors);
  RUN(test_sizes);
  return test_summary();
}
