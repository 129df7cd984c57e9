/* The smallest test harness that names what failed: CHECK counts, test_summary prints and returns the
 * exit code. */
#ifndef EW_TESTS_TEST_H
#define EW_TESTS_TEST_H

#include <math.h>
#include <stdio.h>
#include <string.h>

static int test_passed_, test_failed_;

#define CHECK(cond)                                                   \
  do {                                                                \
    if (cond) {                                                       \
      test_passed_++;                                                 \
    } else {                                                          \
      test_failed_++;                                                 \
      printf("%s:%d: CHECK(%s) failed\n", __FILE__, __LINE__, #cond); \
    }                                                                 \
  } while (0)

#define CHECK_EQ(a, b)                                                                        \
  do {                                                                                        \
    const long long test_a_ = (long long)(a), test_b_ = (long long)(b);                       \
    if (test_a_ == test_b_) {                                                                 \
      test_passed_++;                                                                         \
    } else {                                                                                  \
      test_failed_++;                                                                         \
      printf("%s:%d: %s is %lld, expected %lld\n", __FILE__, __LINE__, #a, test_a_, test_b_); \
    }                                                                                         \
  } while (0)

#define CHECK_STR(a, b)                                                                           \
  do {                                                                                            \
    const char *test_a_ = (a), *test_b_ = (b);                                                    \
    if (strcmp(test_a_, test_b_) == 0) {                                                          \
      test_passed_++;                                                                             \
    } else {                                                                                      \
      test_failed_++;                                                                             \
      printf("%s:%d: %s is \"%s\", expected \"%s\"\n", __FILE__, __LINE__, #a, test_a_, test_b_); \
    }                                                                                             \
  } while (0)

/* Largest absolute difference of two arrays must not exceed tolerance; prints it either way. */
#define CHECK_NEAR_ALL(actual, expected, count, tolerance)                                      \
  do {                                                                                          \
    double test_max_ = 0;                                                                       \
    for (size_t test_i_ = 0; test_i_ < (size_t)(count); test_i_++) {                            \
      const double test_d_ = fabs((double)(actual)[test_i_] - (double)(expected)[test_i_]);     \
      if (!(test_d_ <= test_max_)) test_max_ = test_d_;                                         \
    }                                                                                           \
    if (test_max_ <= (tolerance)) {                                                             \
      test_passed_++;                                                                           \
    } else {                                                                                    \
      test_failed_++;                                                                           \
      printf("%s:%d: %s differs by %g, tolerance %g\n", __FILE__, __LINE__, #actual, test_max_, \
             (double)(tolerance));                                                              \
    }                                                                                           \
  } while (0)

#define RUN(test)            \
  do {                       \
    printf("- %s\n", #test); \
    test();                  \
  } while (0)

static inline int test_summary(void) {
  printf("%d passed, %d failed\n", test_passed_, test_failed_);
  return test_failed_ == 0 ? 0 : 1;
}

#endif
