/* Products whose weights are beyond a block of cmake/xnnpack/shim/columns.h, so that they are cut by columns: against the
 * definition, on one thread and on three; columns that are no whole block, one row, rows that are no whole tile. */
#include <pthreadpool.h>
#include <stdlib.h>
#include <xnnpack.h>

#include "test.h"

/* Of a sum of so many products of the order of a quarter. */
#define TOLERANCE(depth) (1e-5 + 2e-8 * (double)(depth))

static uint32_t random_state = 1;
static float *random_floats(size_t count) {
  float *out = malloc(count * sizeof *out + XNN_EXTRA_BYTES);
  for (size_t i = 0; i < count; i++) {
    random_state = random_state * 1664525u + 1013904223u;
    out[i] = (float)(random_state >> 8) / (float)(1 << 24) - 0.5f;
  }
  return out;
}

static void compare(const float *found, const float *same, const double *wanted, size_t count,
                    size_t depth) {
  double worst = 0;
  for (size_t i = 0; i < count; i++) worst = fmax(worst, fabs((double)found[i] - wanted[i]));
  CHECK(worst <= TOLERANCE(depth));
  CHECK(memcmp(found, same, count * sizeof *found) == 0);
  printf("largest difference %.1e\n", worst);
}

static void check_linear(size_t rows, size_t in, size_t out, pthreadpool_t pool) {
  float *x = random_floats(rows * in), *w = random_floats(out * in), *bias = random_floats(out);
  float *y[2] = {malloc(rows * out * sizeof(float)), malloc(rows * out * sizeof(float))};
  double *wanted = malloc(rows * out * sizeof *wanted);
  for (size_t i = 0; i < rows * out; i++) {
    wanted[i] = bias[i % out];
    for (size_t k = 0; k < in; k++) wanted[i] += (double)x[i / out * in + k] * w[i % out * in + k];
  }
  xnn_operator_t op = NULL;
  CHECK_EQ(xnn_create_fully_connected_nc_f32(in, out, in, out, w, bias, -INFINITY, INFINITY, 0,
                                             NULL, NULL, &op),
           xnn_status_success);
  for (int i = 0; i < 2; i++) {
    pthreadpool_t threads = i == 0 ? NULL : pool;
    CHECK_EQ(xnn_reshape_fully_connected_nc_f32(op, rows, threads), xnn_status_success);
    CHECK_EQ(xnn_setup_fully_connected_nc_f32(op, x, y[i]), xnn_status_success);
    CHECK_EQ(xnn_run_operator(op, threads), xnn_status_success);
  }
  compare(y[0], y[1], wanted, rows * out, in);
  xnn_delete_operator(op);
  free(x);
  free(w);
  free(bias);
  free(y[0]);
  free(y[1]);
  free(wanted);
}

/* 3x3, stride 2, a border of one. */
static void check_conv(size_t size, size_t in, size_t out, pthreadpool_t pool) {
  const size_t to = (size - 1) / 2 + 1, count = to * to * out;
  float *x = random_floats(size * size * in), *w = random_floats(out * 9 * in);
  float *bias = random_floats(out), *y[2] = {malloc(count * 4), malloc(count * 4)};
  double *wanted = malloc(count * sizeof *wanted);
  for (size_t i = 0; i < count; i++) {
    const size_t o = i % out, ox = i / out % to, oy = i / out / to;
    wanted[i] = bias[o];
    for (size_t t = 0; t < 9; t++) {
      const size_t iy = 2 * oy + t / 3 - 1, ix = 2 * ox + t % 3 - 1;
      if (iy >= size || ix >= size) continue;
      for (size_t k = 0; k < in; k++) {
        wanted[i] += (double)x[(iy * size + ix) * in + k] * w[(o * 9 + t) * in + k];
      }
    }
  }
  xnn_operator_t op = NULL;
  CHECK_EQ(xnn_create_convolution2d_nhwc_f32(1, 1, 1, 1, 3, 3, 2, 2, 1, 1, 1, in, out, in, out, w,
                                             bias, -INFINITY, INFINITY, 0, NULL, NULL, &op),
           xnn_status_success);
  for (int i = 0; i < 2; i++) {
    pthreadpool_t threads = i == 0 ? NULL : pool;
    size_t height = 0, width = 0, workspace = 0, alignment = 0;
    CHECK_EQ(xnn_reshape_convolution2d_nhwc_f32(op, 1, size, size, &workspace, &alignment, &height,
                                                &width, threads),
             xnn_status_success);
    CHECK_EQ(workspace, 0);
    CHECK_EQ(xnn_setup_convolution2d_nhwc_f32(op, NULL, x, y[i]), xnn_status_success);
    CHECK_EQ(xnn_run_operator(op, threads), xnn_status_success);
  }
  compare(y[0], y[1], wanted, count, 9 * in);
  xnn_delete_operator(op);
  free(x);
  free(w);
  free(bias);
  free(y[0]);
  free(y[1]);
  free(wanted);
}

int main(void) {
  CHECK_EQ(xnn_initialize(NULL), xnn_status_success);
  pthreadpool_t pool = pthreadpool_create(3);
  check_linear(50, 768, 333, pool);
  check_linear(1, 700, 1000, pool);
  check_linear(5, 700, 1000, pool);
  check_linear(3, 70000, 20, pool); /* one column is more than a block */
  check_conv(9, 130, 250, pool);
  check_conv(4, 256, 100, pool);
  pthreadpool_destroy(pool);
  return test_summary();
}
