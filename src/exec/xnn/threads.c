/* The threads of a run: in place of pthreadpool's pthreads.c, whose threads wait for each other by spinning a
 * million times, and whose caller waits for every thread at the end of every operation, also for those that
 * have not begun. Where processors are scarce (other programs are busy, more threads are asked for than there
 * are cores) each of the some hundred operations of a run then waits for the scheduler.
 *
 * Here a thread that comes too late for an operation is not waited for. The ranges of work are pthreadpool's:
 * a thread that is through with its own takes from the others', so that whoever is there does all of it.
 *
 * One word holds the state of the current operation:
 *
 *   bits 31..16  number of the operation    a thread takes part in each at most once
 *   bit  15      open: threads may join     set when an operation is complete, cleared when its items are taken
 *   bits 14..0   helpers at work            the caller leaves when the operation is closed and this is 0
 *
 * so that the fields of the operation only change while nobody else reads them. ENDED in place of the
 * lower two sends the helpers home, and the number then counts those that have gone.
 *
 * The caller waits for nothing that may never come. It looks again now and then, should a wake get lost; and a
 * helper may never have begun (in browsers a worker starts when the thread that made it returns to its event loop, which
 * is the thread that waits), so that the end of a pool leaves it behind. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "exec/executor.h"
#include "threadpool-object.h"
#include "threadpool-utils.h"

#define NUMBER 0x10000u
#define OPEN 0x8000u
#define HELPERS 0x7fffu
#define ENDED HELPERS

/* Looks at a word before a thread sleeps: some microseconds, about what waking it costs. */
#define SPINS 2000

#define NO_LIMIT (-1)
/* After so many milliseconds a thread that waits for others looks again. */
#define LOOK_MS 50
/* Looks before helpers that do not end are left behind: some seconds. */
#define END_LOOKS 100

#ifdef __EMSCRIPTEN__
static void sleep_while(pthreadpool_atomic_uint32_t *word, uint32_t value, int most_ms) {
  const int64_t limit = most_ms == NO_LIMIT ? -1 : most_ms * INT64_C(1000000);
  __builtin_wasm_memory_atomic_wait32((int *)word, (int)value, limit);
}

static void wake(pthreadpool_atomic_uint32_t *word, uint32_t count) {
  __builtin_wasm_memory_atomic_notify((int *)word, count);
}
#else
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void sleep_while(pthreadpool_atomic_uint32_t *word, uint32_t value, int most_ms) {
  const struct timespec limit = {.tv_nsec = most_ms * 1000000L};
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, most_ms == NO_LIMIT ? NULL : &limit);
}

static void wake(pthreadpool_atomic_uint32_t *word, uint32_t count) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count);
}
#endif

/* Helpers that an operation may have. */
static _Atomic(uint32_t) most_helpers = HELPERS;

void ew_limit_threads(uint32_t count) { most_helpers = count == 0 ? HELPERS : count - 1; }

/* The fields of pthreadpool's struct that its pthreads.c used otherwise. */
static pthreadpool_atomic_uint32_t *state_of(struct pthreadpool *pool) { return &pool->command; }

/* Counts how often the last helper has left a closed operation; the caller sleeps on it. */
static pthreadpool_atomic_uint32_t *left_of(struct pthreadpool *pool) {
  return &pool->has_active_threads;
}

static bool is_end(uint32_t state) { return (state & (OPEN | HELPERS)) == ENDED; }

/* Whether a thread that took part in `last` may join. */
static bool has_place(uint32_t state, uint32_t last) {
  return (state & OPEN) != 0 && (state ^ last) >= NUMBER && (state & HELPERS) < most_helpers;
}

/* Waits for an operation after `last` and joins it; returns the state that it joined, or ENDED. */
static uint32_t join(struct pthreadpool *pool, uint32_t last) {
  for (uint32_t spins = SPINS;;) {
    uint32_t state = atomic_load_explicit(state_of(pool), memory_order_relaxed);
    if (is_end(state)) return ENDED;
    if (!has_place(state, last)) {
      if (spins > 0) {
        spins--;
        pthreadpool_yield();
      } else {
        sleep_while(state_of(pool), state, NO_LIMIT);
      }
    } else if (atomic_compare_exchange_weak_explicit(state_of(pool), &state, state + 1,
                                                     memory_order_acquire, memory_order_relaxed)) {
      return state;
    }
  }
}

static void leave(struct pthreadpool *pool) {
  const uint32_t before = atomic_fetch_sub_explicit(state_of(pool), 1, memory_order_acq_rel);
  if ((before & (OPEN | HELPERS)) != 1) return;
  atomic_fetch_add_explicit(left_of(pool), 1, memory_order_release);
  wake(left_of(pool), 1);
}

/* The caller's end of an operation: nobody may join any more, and those at work finish their items. */
static void close_operation(struct pthreadpool *pool) {
  atomic_fetch_and_explicit(state_of(pool), ~OPEN, memory_order_acq_rel);
  for (uint32_t spins = SPINS;;) {
    const uint32_t left = atomic_load_explicit(left_of(pool), memory_order_acquire);
    if ((atomic_load_explicit(state_of(pool), memory_order_acquire) & HELPERS) == 0) return;
    if (spins > 0) {
      spins--;
      pthreadpool_yield();
    } else {
      sleep_while(left_of(pool), left, LOOK_MS);
    }
  }
}

static void work(struct pthreadpool *pool, struct thread_info *thread) {
  const thread_function_t function = (thread_function_t)pool->thread_function;
  const bool flushes = (pool->flags & PTHREADPOOL_FLAG_DISABLE_DENORMALS) != 0;
  const struct fpu_state saved = get_fpu_state();
  if (flushes) disable_fpu_denormals();
  function(pool, thread);
  if (flushes) set_fpu_state(saved);
}

static void *helper_main(void *argument) {
  struct thread_info *thread = argument;
  struct pthreadpool *pool = thread->threadpool;
  for (uint32_t last = join(pool, 0); last != ENDED; last = join(pool, last)) {
    work(pool, thread);
    leave(pool);
  }
  atomic_fetch_add_explicit(state_of(pool), NUMBER, memory_order_release);
  wake(state_of(pool), 1);
  return NULL;
}

/* Opens the operation that the pool's fields describe and wakes helpers for it. */
static void open_operation(struct pthreadpool *pool, size_t helpers) {
  const uint32_t state = atomic_load_explicit(state_of(pool), memory_order_relaxed);
  const uint32_t next = ((state & ~(NUMBER - 1)) + NUMBER) | OPEN;
  atomic_store_explicit(state_of(pool), next, memory_order_release);
  wake(state_of(pool), (uint32_t)helpers);
}

static void spread(struct pthreadpool *pool, size_t items) {
  const struct fxdiv_result_size_t share = fxdiv_divide_size_t(items, pool->threads_count);
  size_t start = 0;
  for (size_t i = 0; i < pool->threads_count.value; i++) {
    struct thread_info *thread = &pool->threads[i];
    thread->range_start = start;
    thread->range_length = share.quotient + (i < share.remainder ? 1 : 0);
    start += thread->range_length;
    thread->range_end = start;
  }
}

/* Called by pthreadpool's functions for each kind of range. One thread at a time uses a pool of ours. */
void pthreadpool_parallelize(struct pthreadpool *pool, thread_function_t function,
                             const void *params, size_t params_size, void *task, void *context,
                             size_t linear_range, uint32_t flags) {
  pool->thread_function = (void *)function;
  pool->task = task;
  pool->argument = context;
  pool->flags = flags;
  if (params_size > 0) memcpy(&pool->params, params, params_size);
  spread(pool, linear_range);
  const size_t helpers = min(most_helpers, min(pool->threads_count.value, linear_range) - 1);
  if (helpers > 0) open_operation(pool, helpers);
  work(pool, &pool->threads[0]);
  if (helpers > 0) close_operation(pool);
}

/* Waits until all helpers have gone; false when that takes seconds. */
static bool have_gone(struct pthreadpool *pool, size_t helpers) {
  for (size_t looks = 0; looks < END_LOOKS; looks++) {
    const uint32_t state = atomic_load_explicit(state_of(pool), memory_order_acquire);
    if (state / NUMBER == helpers) return true;
    sleep_while(state_of(pool), state, LOOK_MS);
  }
  return false;
}

/* Ends a pool of which `count` threads are there, the caller with them. */
static void end_pool(struct pthreadpool *pool, size_t count) {
  atomic_store_explicit(state_of(pool), ENDED, memory_order_release);
  wake(state_of(pool), (uint32_t)count);
  /* Helpers that begin later look at the pool. */
  if (!have_gone(pool, count - 1)) return;
  for (size_t i = 1; i < count; i++) pthread_join(pool->threads[i].thread_object, NULL);
  pthreadpool_deallocate(pool);
}

struct pthreadpool *pthreadpool_create(size_t threads_count) {
  struct pthreadpool *pool = pthreadpool_allocate(threads_count);
  if (pool == NULL) return NULL;
  pool->threads_count = fxdiv_init_size_t(threads_count);
  for (size_t i = 0; i < threads_count; i++) {
    struct thread_info *thread = &pool->threads[i];
    thread->thread_number = i;
    thread->threadpool = pool;
    if (i > 0 && pthread_create(&thread->thread_object, NULL, helper_main, thread) != 0) {
      end_pool(pool, i);
      return NULL;
    }
  }
  return pool;
}

void pthreadpool_destroy(struct pthreadpool *pool) {
  if (pool != NULL) end_pool(pool, pool->threads_count.value);
}
