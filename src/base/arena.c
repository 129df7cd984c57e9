/* The allocator and the bump arena. */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

enum { BLOCK_SIZE = 64 * 1024, BLOCK_HEADER = 64 };

struct ew_arena_block {
  ew_arena_block *next;
};

/* Counters of the allocator, set and read by tests. */
static long fail_after = -1;
static bool fail_on = false; /* stays at 0 rather than going on to -1 */
static size_t live = 0;

void ew_alloc_fail_after(long n) {
  fail_after = n;
  fail_on = false;
}

void ew_alloc_fail_from(long n) {
  fail_after = n;
  fail_on = true;
}

static bool fails(void) {
  const bool now = fail_after == 0;
  if (fail_after > 0 || (now && !fail_on)) fail_after--;
  return now;
}

size_t ew_alloc_live(void) { return live; }

void *ew_alloc(size_t size) {
  if (fails()) return NULL;
  if (size > SIZE_MAX - EW_ALIGNMENT - EW_EXTRA_BYTES) return NULL;
  size_t padded = size + EW_EXTRA_BYTES;
  padded = (padded + EW_ALIGNMENT - 1) / EW_ALIGNMENT * EW_ALIGNMENT;
  void *memory = aligned_alloc(EW_ALIGNMENT, padded);
  if (memory == NULL) return NULL;
  live++;
#ifndef NDEBUG
  /* Shows the tests of debug builds who relies on what nobody wrote. */
  memset(memory, 0xA5, padded);
#endif
  return memory;
}

void *ew_realloc(void *memory, size_t size) {
  if (fails()) return NULL;
  return size > SIZE_MAX - EW_EXTRA_BYTES ? NULL : realloc(memory, size + EW_EXTRA_BYTES);
}

void ew_free(void *memory) {
  if (memory == NULL) return;
  live--;
  free(memory);
}

void ew_reserve(size_t size, size_t touched) {
  /* volatile: compilers may leave out an allocation that nothing uses. */
  char *volatile memory = ew_alloc(size + touched);
  if (memory != NULL) memset(memory + size, 0, touched);
  ew_free(memory);
}

void ew_arena_init(ew_arena *arena) { memset(arena, 0, sizeof *arena); }

void ew_arena_free(ew_arena *arena) {
  ew_arena_block *block = arena->blocks;
  while (block != NULL) {
    ew_arena_block *next = block->next;
    ew_free(block);
    block = next;
  }
  ew_arena_init(arena);
}

static ew_status add_block(ew_arena *arena, size_t need, ew_error *err) {
  const size_t capacity = need > BLOCK_SIZE - BLOCK_HEADER ? need : BLOCK_SIZE - BLOCK_HEADER;
  ew_arena_block *block = NULL;
  if (capacity <= SIZE_MAX - BLOCK_HEADER) block = ew_alloc(capacity + BLOCK_HEADER);
  EW_CHECK(block != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu bytes for model metadata",
           capacity);
  block->next = arena->blocks;
  arena->blocks = block;
  arena->used = 0;
  arena->capacity = capacity;
  return EW_OK;
}

ew_status ew_arena_alloc(ew_arena *arena, size_t count, size_t size, void *out_pointer,
                         ew_error *err) {
  size_t bytes = 0;
  EW_CHECK(ew_mul_size(count, size, &bytes) && bytes <= SIZE_MAX - 16, err, EW_OUT_OF_MEMORY,
           "out of memory: %zu items of %zu bytes", count, size);
  bytes = (bytes + 15) / 16 * 16;
  EW_CHECK(arena->limit == 0 || bytes <= arena->limit - arena->total, err, EW_OUT_OF_RESOURCES,
           "the model's metadata takes more than %zu MiB", arena->limit >> 20);
  if (arena->blocks == NULL || arena->capacity - arena->used < bytes) {
    EW_TRY(add_block(arena, bytes, err));
  }
  char *pointer = (char *)arena->blocks + BLOCK_HEADER + arena->used;
  arena->used += bytes;
  arena->total += bytes;
  memset(pointer, 0, bytes);
  memcpy(out_pointer, &pointer, sizeof pointer);
  return EW_OK;
}

ew_status ew_arena_string(ew_arena *arena, const char *text, size_t length, const char **out,
                          ew_error *err) {
  char *copy = NULL;
  EW_TRY(ew_arena_alloc(arena, length + 1, 1, &copy, err));
  if (length > 0) memcpy(copy, text, length);
  *out = copy;
  return EW_OK;
}
