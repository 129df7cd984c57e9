/* XNNPACK's allocator: that of the core, with a ceiling, a reserve and a memory of its failures.
 *
 * XNNPACK does not always look: while it reshapes a runtime it writes to the tables of its memory planner
 * and to those of dynamically quantised convolutions whether they were allocated or not, and a convolution
 * whose padding was refused is left out of the runtime without a word. So a reserve is set aside
 * beforehand, from which it gets memory when there is none left, and any refusal makes the whole step fail.
 * Nor does it look how large a workspace becomes: beyond the limit for working memory it is refused. (Its plan
 * cannot wrap around below the limit: it places the largest value first, and two of at most that size fit into
 * 32 bits.) */
#include "exec/xnn/internal.h"

/* One for the process, as XNNPACK's allocator is. */
static struct {
  char *start;
  size_t size, used;
  bool failed, too_large;
} reserve;

static void *take_reserve(size_t size) {
  const size_t step = (size + EW_ALIGNMENT) / EW_ALIGNMENT * EW_ALIGNMENT;
  if (step > reserve.size - reserve.used) return NULL;
  void *memory = reserve.start + reserve.used;
  reserve.used += step;
  return memory;
}

static void *note(void *memory) {
  if (memory == NULL) reserve.failed = true;
  return memory;
}

static void *allocate(void *context, size_t size) {
  (void)context;
  void *memory = note(ew_alloc(size));
  return memory != NULL ? memory : take_reserve(size);
}

static void deallocate(void *context, void *memory) {
  (void)context;
  if ((uintptr_t)memory - (uintptr_t)reserve.start >= reserve.size) ew_free(memory);
}

static void *reallocate(void *context, void *old, size_t size) {
  if (old == NULL) return allocate(context, size);
  void *memory = note(ew_realloc(old, size));
  if (memory != NULL) return memory;
  /* Without the old bytes: what grows during a reshape are tables that XNNPACK refills. */
  memory = take_reserve(size);
  if (memory != NULL) ew_free(old);
  return memory;
}

/* The workspace, weights and operators: never from the reserve, as their failure is noticed. */
static void *allocate_aligned(void *context, size_t alignment, size_t size) {
  (void)context;
  (void)alignment; /* at most EW_ALIGNMENT */
  if (size <= EW_MAX_PLANNED_BYTES) return note(ew_alloc(size));
  reserve.too_large = true;
  return NULL;
}

const struct xnn_allocator ew_xnn_allocator = {.allocate = allocate,
                                               .reallocate = reallocate,
                                               .deallocate = deallocate,
                                               .aligned_allocate = allocate_aligned,
                                               .aligned_deallocate = deallocate};

ew_status ew_xnn_watch(size_t size, ew_error *err) {
  reserve.failed = reserve.too_large = false;
  if (size == 0) return EW_OK;
  reserve.start = ew_alloc(size);
  EW_CHECK(reserve.start != NULL, err, EW_OUT_OF_MEMORY,
           "out of memory: %zu bytes for the planning of memory", size);
  reserve.size = size;
  return EW_OK;
}

ew_status ew_xnn_watched(ew_error *err) {
  EW_CHECK(!reserve.too_large, err, EW_OUT_OF_RESOURCES,
           "the model needs more than %zu MiB of working memory within one XNNPACK segment",
           EW_MAX_PLANNED_BYTES >> 20);
  EW_CHECK(!reserve.failed, err, EW_DELEGATE_OUT_OF_MEMORY, "XNNPACK ran out of memory");
  return EW_OK;
}

void ew_xnn_unwatch(void) {
  ew_free(reserve.start);
  reserve.start = NULL;
  reserve.size = reserve.used = 0;
}
