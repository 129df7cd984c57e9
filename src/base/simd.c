/* Exponential family on four floats. The polynomials are minimax fits made for these intervals. */
#include "base/simd.h"

static ew_f32x4 polynomial(ew_f32x4 x, const float *coefficients, int degree) {
  ew_f32x4 y = ew_v4_splat(coefficients[degree]);
  while (degree-- > 0) y = y * x + coefficients[degree];
  return y;
}

/* |x| and the sign bit of x. */
static ew_f32x4 magnitude(ew_f32x4 x) {
  return (ew_f32x4)((ew_u32x4)x & (ew_u32x4){0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff});
}
static ew_f32x4 with_sign_of(ew_f32x4 x, ew_f32x4 sign) {
  const ew_u32x4 bit = {0x80000000, 0x80000000, 0x80000000, 0x80000000};
  return (ew_f32x4)((ew_u32x4)x | ((ew_u32x4)sign & bit));
}

ew_f32x4 ew_v4_exp(ew_f32x4 x) {
  static const float p[] = {1.0f,
                            1.000000036f,
                            4.999999206e-1f,
                            1.666641968e-1f,
                            4.166822869e-2f,
                            8.374857072e-3f,
                            1.383679368e-3f};
  /* Beyond these the result is infinite or zero. */
  x = ew_v4_max(ew_v4_min(x, ew_v4_splat(89.0f)), ew_v4_splat(-104.0f));
  /* e^x = 2^n e^r; adding 1.5 * 2^23 rounds to an integer that sits in the low bits. */
  const float magic = 12582912.0f;
  const ew_f32x4 shifted = x * 1.44269504f + magic;
  const ew_f32x4 n = shifted - magic;
  const ew_f32x4 r = x - n * 0.693145751953125f - n * 1.42860682030941723e-6f;
  /* 2^n in two factors, so that neither end of the range overflows early. */
  const ew_i32x4 bits = (ew_i32x4)((ew_u32x4)shifted - 0x4b400000u);
  const ew_u32x4 half = (ew_u32x4)(bits >> 1), rest = (ew_u32x4)bits - half;
  const ew_f32x4 scale1 = (ew_f32x4)((half + 127u) << 23);
  const ew_f32x4 scale2 = (ew_f32x4)((rest + 127u) << 23);
  return polynomial(r, p, 6) * scale1 * scale2;
}

ew_f32x4 ew_v4_sigmoid(ew_f32x4 x) { return 1.0f / (1.0f + ew_v4_exp(-x)); }

ew_f32x4 ew_v4_tanh(ew_f32x4 x) {
  static const float p[] = {
      1.0f, -3.333325545e-1f, 1.333099686e-1f, -5.370983764e-2f, 2.055281981e-2f, -5.615603174e-3f};
  const ew_f32x4 a = magnitude(x);
  const ew_f32x4 near = x * polynomial(x * x, p, 5);
  const ew_f32x4 far = 1.0f - 2.0f / (ew_v4_exp(2.0f * a) + 1.0f);
  return ew_v4_select(a < 0.625f, near, with_sign_of(far, x));
}

static ew_f32x4 erf_v4(ew_f32x4 x) {
  static const float p[] = {1.128379166f,    -3.761262714e-1f, 1.128360018e-1f, -2.685444465e-2f,
                            5.189535451e-3f, -8.020842278e-4f, 7.889122869e-5f};
  /* ln erfc(a) for a in [1, 4]; beyond, erf is 1. */
  static const float q[] = {-3.537187561e-4f, -1.127040039f,    -6.382256721e-1f, -1.030373734e-1f,
                            2.180532061e-2f,  -2.939607891e-3f, 1.855740714e-4f};
  const ew_f32x4 a = magnitude(x);
  const ew_f32x4 near = x * polynomial(x * x, p, 6);
  const ew_f32x4 far = 1.0f - ew_v4_exp(polynomial(ew_v4_min(a, ew_v4_splat(4.0f)), q, 6));
  return ew_v4_select(a < 1.0f, near, with_sign_of(far, x));
}

ew_f32x4 ew_v4_gelu(ew_f32x4 x) { return x * 0.5f * (1.0f + erf_v4(x * 0.70710678f)); }

ew_f32x4 ew_v4_gelu_tanh(ew_f32x4 x) {
  const ew_f32x4 inner = 0.79788456f * (x + 0.044715f * x * x * x);
  return x * 0.5f * (1.0f + ew_v4_tanh(inner));
}

void ew_v4_map(ew_f32x4 (*fn)(ew_f32x4), const float *x, float *to, size_t n) {
  size_t k = 0;
  for (; k + 4 <= n; k += 4) ew_v4_store(to + k, fn(ew_v4_load(x + k)));
  if (k == n) return;
  ew_f32x4 rest = {0};
  memcpy(&rest, x + k, (n - k) * sizeof *x);
  rest = fn(rest);
  memcpy(to + k, &rest, (n - k) * sizeof *to);
}

/* As vectors, which stay in registers: engines build those that are written as constants at each use, which takes
 * as long as all that is computed with them. */
typedef struct silu_constants {
  ew_f32x4 factor, low, high, round, p5, p4, p3, p2, p1, one;
} silu_constants;

static inline silu_constants silu_prepare(float factor) {
  /* 1.5 * 2^23 rounds to an integer in the low bits, 127 is the bias of exponents. The polynomial is 2^r for r within
   * half of 0. Beyond the bounds 2^n is infinite, or nothing beside 1. */
  static const float values[] = {-126.0f,        128.4f,         12582912.0f + 127.0f,
                                 1.32694072e-3f, 9.67129413e-3f, 5.55071123e-2f,
                                 2.40222469e-1f, 6.93147004e-1f, 1.0f};
  const float *v = values;
  __asm__("" : "+r"(v)); /* the compiler does not know what it points to */
  return (silu_constants){.factor = ew_v4_splat(factor * -1.44269504f),
                          .low = ew_v4_splat(v[0]),
                          .high = ew_v4_splat(v[1]),
                          .round = ew_v4_splat(v[2]),
                          .p5 = ew_v4_splat(v[3]),
                          .p4 = ew_v4_splat(v[4]),
                          .p3 = ew_v4_splat(v[5]),
                          .p2 = ew_v4_splat(v[6]),
                          .p1 = ew_v4_splat(v[7]),
                          .one = ew_v4_splat(v[8])};
}

/* x / (1 + 2^(n + r)), where n + r = -x * log2(e) */
static inline ew_f32x4 silu(ew_f32x4 x, const silu_constants *k) {
  const ew_f32x4 exponent = ew_v4_min(ew_v4_max(x * k->factor, k->low), k->high);
  const ew_f32x4 shifted = exponent + k->round;
  const ew_f32x4 scale = (ew_f32x4)((ew_u32x4)shifted << 23);
  const ew_f32x4 r = exponent - (shifted - k->round);
  ew_f32x4 p = ew_v4_madd(k->p5, r, k->p4);
  p = ew_v4_madd(p, r, k->p3);
  p = ew_v4_madd(p, r, k->p2);
  p = ew_v4_madd(p, r, k->p1);
  p = ew_v4_madd(p, r, k->one);
  return x / ew_v4_madd(p, scale, k->one);
}

/* n is a multiple of 4. */
static void silu_vectors(const float *x, float factor, float *to, size_t n) {
  const silu_constants constants = silu_prepare(factor);
  for (size_t k = 0; k < n; k += 4) ew_v4_store(to + k, silu(ew_v4_load(x + k), &constants));
}

void ew_silu(const float *x, float factor, float *to, size_t n) {
  const size_t whole = n & ~(size_t)3;
  silu_vectors(x, factor, to, whole);
  if (whole == n) return;
  float rest[4] = {0};
  memcpy(rest, x + whole, (n - whole) * sizeof *x);
  silu_vectors(rest, factor, rest, 4);
  memcpy(to + whole, rest, (n - whole) * sizeof *to);
}

void ew_add_scaled(float *to, const float *x, float factor, size_t n) {
  const ew_f32x4 factors = ew_v4_splat(factor);
  size_t k = 0;
  for (; k + 4 <= n; k += 4) ew_v4_store(to + k, ew_v4_load(to + k) + ew_v4_load(x + k) * factors);
  for (; k < n; k++) to[k] += x[k] * factor;
}
