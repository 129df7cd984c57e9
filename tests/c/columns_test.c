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

/* What goes in, what comes out on one thread and on three, and what should. */
typedef struct product {
  size_t count, depth; /* results; products in each of them */
  float *x, *w, *bias, *y[2];
  double *wanted;
} product;

static product make(size_t inputs, size_t out, size_t depth, size_t count) {
  return (product){.count = count,
                   .depth = depth,
                   .x = random_floats(inputs),
                   .w = random_floats(out * depth),
                   .bias = random_floats(out),
                   .y = {malloc(count * sizeof(float)), malloc(count * sizeof(float))},
                   .wanted = malloc(count * sizeof(double))};
}

static void compare_and_free(product *p, xnn_operator_t op) {
  double worst = 0;
  for (size_t i = 0; i < p->count; i++) {
    worst = fmax(worst, fabs((double)p->y[0][i] - p->wanted[i]));
  }
  CHECK(worst <= TOLERANCE(p->depth));
  CHECK(memcmp(p->y[0], p->y[1], p->count * sizeof(float)) == 0);
  printf("largest difference %.1e\n", worst);
  xnn_delete_operator(op);
  free(p->x);
  free(p->w);
  free(p->bias);
  free(p->y[0]);
  free(p->y[1]);
  free(p->wanted);
}

static void check_linear(size_t rows, size_t in, size_t out, pthreadpool_t pool) {
  product p = make(rows * in, out, in, rows * out);
  for (size_t i = 0; i < p.count; i++) {
    p.wanted[i] = p.bias[i % out];
    for (size_t k = 0; k < in; k++) {
      p.wanted[i] += (double)p.x[i / out * in + k] * p.w[i % out * in + k];
    }
  }
  xnn_operator_t op = NULL;
  CHECK_EQ(xnn_create_fully_connected_nc_f32(in, out, in, out, p.w, p.bias, -INFINITY, INFINITY, 0,
                                             NULL, NULL, &op),
           xnn_status_success);
  for (int i = 0; i < 2; i++) {
    pthreadpool_t threads = i == 0 ? NULL : pool;
    CHECK_EQ(xnn_reshape_fully_connected_nc_f32(op, rows, threads), xnn_status_success);
    CHECK_EQ(xnn_setup_fully_connected_nc_f32(op, p.x, p.y[i]), xnn_status_success);
    CHECK_EQ(xnn_run_operator(op, threads), xnn_status_success);
  }
  compare_and_free(&p, op);
}

/* 3x3, stride 2, a border of one. */
static void check_conv(size_t size, size_t in, size_t out, pthreadpool_t pool) {
  const size_t to = (size - 1) / 2 + 1;
  product p = make(size * size * in, out, 9 * in, to * to * out);
  for (size_t i = 0; i < p.count; i++) {
    const size_t o = i % out, ox = i / out % to, oy = i / out / to;
    p.wanted[i] = p.bias[o];
    for (size_t t = 0; t < 9; t++) {
      const size_t iy = 2 * oy + t / 3 - 1, ix = 2 * ox + t % 3 - 1;
      if (iy >= size || ix >= size) continue;
      for (size_t k = 0; k < in; k++) {
        p.wanted[i] += (double)p.x[(iy * size + ix) * in + k] * p.w[(o * 9 + t) * in + k];
      }
    }
  }
  xnn_operator_t op = NULL;
  CHECK_EQ(xnn_create_convolution2d_nhwc_f32(1, 1, 1, 1, 3, 3, 2, 2, 1, 1, 1, in, out, in, out, p.w,
                                             p.bias, -INFINITY, INFINITY, 0, NULL, NULL, &op),
           xnn_status_success);
  for (int i = 0; i < 2; i++) {
    pthreadpool_t threads = i == 0 ? NULL : pool;
    size_t height = 0, width = 0, workspace = 0, alignment = 0;
    CHECK_EQ(xnn_reshape_convolution2d_nhwc_f32(op, 1, size, size, &workspace, &alignment, &height,
                                                &width, threads),
             xnn_status_success);
    CHECK_EQ(workspace, 0);
    CHECK_EQ(xnn_setup_convolution2d_nhwc_f32(op, NULL, p.x, p.y[i]), xnn_status_success);
    CHECK_EQ(xnn_run_operator(op, threads), xnn_status_success);
  }
  compare_and_free(&p, op);
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
