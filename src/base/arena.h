/* Memory: one allocator pair for the whole core, and a bump arena on top of it.
 *
 * Two lifetimes exist: a model's (load .. destroy) and a call's. Nothing inside an arena is freed
 * singly, so error paths are a bare return; ew_arena_free gives everything back at once. */
#ifndef EW_BASE_ARENA_H
#define EW_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Bytes that stay readable behind every tensor and constant (XNN_EXTRA_BYTES of XNNPACK). */
enum { EW_EXTRA_BYTES = 16, EW_ALIGNMENT = 64 };

/* 64-byte aligned memory with EW_EXTRA_BYTES spare bytes behind size; NULL when out of memory.
 * All allocations of the core pass here, so that tests can make each one fail. */
void *ew_alloc(size_t size);
void ew_free(void *memory);
/* The same memory (not NULL), grown or shrunk and perhaps moved, aligned as malloc does; NULL when out of
 * memory, which leaves it as it was. */
void *ew_realloc(void *memory, size_t size);

/* Lets the heap grow by size + touched bytes at once, if it can: growing it bit by bit makes JavaScript's
 * garbage collector run again and again, because each growth looks like new external memory. The system
 * gives memory at the first write: the pages of the last `touched` bytes are asked for now. */
void ew_reserve(size_t size, size_t touched);

/* Test hooks: the n-th call of ew_alloc or ew_realloc from now on (0 = the next), or that and all that
 * follow, returns NULL; negative = none. */
void ew_alloc_fail_after(long n);
void ew_alloc_fail_from(long n);
/* Allocations alive at present: tests compare it before and after. */
size_t ew_alloc_live(void);

typedef struct ew_arena_block ew_arena_block;
typedef struct ew_arena {
  ew_arena_block *blocks;
  size_t used;     /* bytes used in the newest block */
  size_t capacity; /* bytes of the newest block */
  size_t total;    /* bytes handed out */
  size_t limit;    /* of total; 0 = none */
} ew_arena;

void ew_arena_init(ew_arena *arena);
void ew_arena_free(ew_arena *arena);

/* Zeroed memory, aligned to 16, for count elements of size bytes. Fails with EW_OUT_OF_MEMORY (also
 * when count * size overflows). count 0 gives a valid non-NULL pointer. */
ew_status ew_arena_alloc(ew_arena *arena, size_t count, size_t size, void *out_pointer,
                         ew_error *err);

/* Copies length bytes of text and appends NUL. */
ew_status ew_arena_string(ew_arena *arena, const char *text, size_t length, const char **out,
                          ew_error *err);

#endif
