/* The stand-ins for functions of the C library (wasm/libc), beside the C library of this machine. */
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include "test.h"

#define __rem_pio2_large ours_reduce
#define siprintf ours_siprintf
#define snprintf ours_snprintf
#define vsnprintf ours_vsnprintf
int vsnprintf(char *restrict to, size_t size, const char *restrict format, va_list list);
int snprintf(char *restrict to, size_t size, const char *restrict format, ...);
#include "../../wasm/libc/pio2.c"
#include "../../wasm/libc/printf.c"
#undef snprintf
#undef vsnprintf

static uint64_t state = 1;

static uint64_t random_bits(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

/* --- printf ----------------------------------------------------------------------------------------- */

static void check_number(const char *format, double value) {
  char ours[64], theirs[64];
  const int n = ours_snprintf(ours, sizeof ours, format, value);
  CHECK_EQ(n, snprintf(theirs, sizeof theirs, format, value));
  CHECK_STR(ours, theirs);
}

static void test_floating_point(void) {
  const double chosen[] = {0,         -0.0,     1,         0.1,      100000,   1e6,
                           999999.5,  0.0001,   1e-5,      123456.5, 123457.5, 1e22,
                           1e23,      5e-324,   1.7e308,   -2.5,     1e-308,   9.5,
                           0.9999995, INFINITY, -INFINITY, 16777217, 3e38,     1e-45};
  for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++) {
    check_number("%g", chosen[i]);
    check_number("%.9g", chosen[i]);
  }
  for (int i = 0; i < 100000; i++) {
    const uint64_t bits = random_bits();
    double wide;
    float narrow;
    memcpy(&wide, &bits, sizeof wide);
    memcpy(&narrow, &bits, sizeof narrow);
    if (isfinite(wide)) check_number("%g", wide);
    if (isfinite(narrow)) check_number("%.9g", (double)narrow);
    check_number("%g", (double)(bits % 2000000) / 8);
  }
}

static void test_other_conversions(void) {
  char ours[256], theirs[256];
#define BOTH(...)                                                 \
  do {                                                            \
    const int n_ = ours_snprintf(ours, sizeof ours, __VA_ARGS__); \
    CHECK_EQ(n_, snprintf(theirs, sizeof theirs, __VA_ARGS__));   \
    CHECK_STR(ours, theirs);                                      \
  } while (0)
  BOTH("%d %d %d", INT32_MIN, 0, INT32_MAX);
  BOTH("%u|%zu|%lu", UINT32_MAX, (size_t)77, 5UL);
  BOTH("%lld %llu %ld", (long long)INT64_MIN, (unsigned long long)UINT64_MAX, -5L);
  BOTH("%x %04x %02x %04x", 0xabcdefu, 10u, 200u, 0x12345u);
  BOTH("100%% %c%c", 'a', 'b');
  BOTH("[%s] [%.3s] [%.100s]", "", "abcdef", "x");
  CHECK_EQ(ours_snprintf(NULL, 0, "%d", 1234), 4);
  CHECK_EQ(ours_snprintf(ours, 5, "%s", "abcdefgh"), 8);
  CHECK_STR(ours, "abcd");
  CHECK_EQ(ours_siprintf(ours, "%p", (void *)(uintptr_t)0x1f), 2);
  CHECK_STR(ours, "1f");
}

/* --- large angles ----------------------------------------------------------------------------------- */

/* Takes an angle apart as the C library does, into pieces of 24 bits. */
static int reduce(double angle, double *y) {
  int exponent = 0;
  double rest = frexp(angle, &exponent) * 0x1p24, pieces[3];
  for (int i = 0; i < 3; i++) {
    pieces[i] = floor(rest);
    rest = (rest - pieces[i]) * 0x1p24;
  }
  const int count = pieces[2] != 0 ? 3 : pieces[1] != 0 ? 2 : 1;
  return ours_reduce(pieces, y, exponent - 24, count, 1);
}

static void check_angle(double angle) {
  double y[2];
  const int turns = reduce(angle, y);
  const long double left = (long double)y[0] + y[1];
  const long double sine = turns % 2 == 0 ? sinl(left) : cosl(left);
  const long double ours = turns < 2 ? sine : -sine, theirs = sinl(angle);
  CHECK(fabs(y[0]) <= 0.7853981633974484 && y[0] + y[1] == y[0]);
  CHECK(fabsl(ours - theirs) <= 2e-19L + 4e-19L * fabsl(theirs));
}

static void test_large_angles(void) {
  check_angle(0x1p1023);
  check_angle(1.7976931348623157e308);
  check_angle(0x1.6ac5b262ca1ffp849); /* the double that is closest to a multiple of pi/2 */
  check_angle(1647100);
  for (int i = 0; i < 100000; i++) {
    const uint64_t bits = random_bits();
    const uint64_t exponent = 1023 + 21 + bits % 1002;
    const uint64_t parts = exponent << 52 | bits >> 12;
    double angle;
    memcpy(&angle, &parts, sizeof angle);
    check_angle(i % 2 == 0 ? angle : angle < 0x1p127 ? (double)(float)angle : angle);
  }
}

int main(void) {
  test_floating_point();
  test_other_conversions();
  test_large_angles();
  return test_summary();
}
