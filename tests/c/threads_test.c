/* The threads of a run (exec/xnn/threads.c): every item is done, once, whatever the threads do. */
#include <pthreadpool.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <threads.h>

#include "exec/executor.h"
#include "test.h"

enum { MOST = 300 };

static _Atomic(uint32_t) done[MOST];
static _Atomic(uint32_t) busy, most_busy;

static void count_item(void *context, size_t item) {
  (void)context;
  atomic_fetch_add(&done[item], 1);
}

static void sleep_ms(long ms) { thrd_sleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL); }

/* Long enough for the helpers to wake up, with the caller in its middle. */
static void slow_item(void *context, size_t item) {
  const uint32_t now = atomic_fetch_add(&busy, 1) + 1;
  if (now > most_busy) most_busy = now;
  sleep_ms(2);
  atomic_fetch_sub(&busy, 1);
  count_item(context, item);
}

static void count_tile(void *context, size_t start, size_t count) {
  for (size_t i = start; i < start + count; i++) count_item(context, i);
}

static int wrong_counts(uint32_t items, uint32_t expected) {
  int wrong = 0;
  for (uint32_t i = 0; i < MOST; i++) wrong += done[i] != (i < items ? expected : 0);
  memset((void *)done, 0, sizeof done);
  return wrong;
}

/* Operations of all lengths one after the other: short ones end before helpers have come. */
static void every_item_is_done_once(size_t threads) {
  pthreadpool_t pool = pthreadpool_create(threads);
  CHECK(pool != NULL);
  CHECK_EQ(pthreadpool_get_threads_count(pool), threads);
  int wrong = 0;
  for (uint32_t items = 1; items <= MOST; items++) {
    for (int repeat = 0; repeat < 40; repeat++) {
      pthreadpool_parallelize_1d(pool, count_item, NULL, items, PTHREADPOOL_FLAG_DISABLE_DENORMALS);
      pthreadpool_parallelize_1d_tile_1d(pool, count_tile, NULL, items, 7, 0);
    }
    wrong += wrong_counts(items, 80);
  }
  CHECK_EQ(wrong, 0);
  pthreadpool_destroy(pool);
}

static void helpers_help(void) {
  pthreadpool_t pool = pthreadpool_create(3);
  most_busy = 0;
  pthreadpool_parallelize_1d(pool, slow_item, NULL, 30, 0);
  CHECK_EQ(wrong_counts(30, 1), 0);
  CHECK_EQ(most_busy, 3);
  /* Helpers have slept for long when the next operation comes. */
  sleep_ms(50);
  most_busy = 0;
  pthreadpool_parallelize_1d(pool, slow_item, NULL, 30, 0);
  CHECK_EQ(wrong_counts(30, 1), 0);
  CHECK_EQ(most_busy, 3);
  pthreadpool_destroy(pool);
}

/* Fewer helpers than there are, and more again; a pool ends whatever the limit. */
static void a_limit_holds(void) {
  pthreadpool_t pool = pthreadpool_create(4);
  for (uint32_t limit = 1; limit <= 4; limit++) {
    ew_limit_threads(limit);
    most_busy = 0;
    pthreadpool_parallelize_1d(pool, slow_item, NULL, 30, 0);
    CHECK_EQ(wrong_counts(30, 1), 0);
    CHECK_EQ(most_busy, limit);
  }
  ew_limit_threads(1);
  pthreadpool_destroy(pool);
  ew_limit_threads(0);
}

/* The number of an operation has 16 bits. */
static void numbers_may_wrap(void) {
  pthreadpool_t pool = pthreadpool_create(2);
  for (uint32_t i = 0; i < 70000; i++) pthreadpool_parallelize_1d(pool, count_item, NULL, 2, 0);
  CHECK_EQ(wrong_counts(2, 70000), 0);
  pthreadpool_destroy(pool);
}

static void pools_that_did_nothing_end(void) {
  for (size_t threads = 1; threads < 6; threads++) {
    pthreadpool_t pool = pthreadpool_create(threads);
    CHECK(pool != NULL);
    pthreadpool_destroy(pool);
  }
  pthreadpool_destroy(NULL);
}

int main(void) {
  for (size_t threads = 1; threads <= 5; threads++) every_item_is_done_once(threads);
  helpers_help();
  a_limit_holds();
  numbers_may_wrap();
  pools_that_did_nothing_end();
  return test_summary();
}
