/* Memory for weights on their way to the executor. */
#include "load/stage.h"

#include <string.h>

#include "base/arena.h"

enum {
  /* Smaller weights have memory of their own, of their exact size. */
  STAGE_LEAST = 64 << 10,
  /* Pages are asked for when so many bytes are still to come, and at most for so many bytes. */
  WARM_AT = 8 << 20,
  WARM_MOST = 20 << 20
};

void ew_stage_expect(ew_stage *stage, size_t size, bool kept) {
  stage->pending += size;
  stage->reserve_due = true;
  if (!kept && size > stage->largest) stage->largest = size;
}

void ew_stage_arrived(ew_stage *stage, size_t size) { stage->pending -= size; }

/* Packed weights take about as much as raw ones. */
void ew_stage_reserve(ew_stage *stage, uint64_t file_size) {
  if (!stage->reserve_due) return;
  stage->reserve_due = false;
  ew_reserve((size_t)(stage->pending < file_size ? stage->pending : file_size), 0);
}

bool ew_stage_warm_due(ew_stage *stage) {
  if (stage->warmed || stage->pending > WARM_AT) return false;
  stage->warmed = true;
  return true;
}

/* The system gives memory page by page, at the first write, and planning memory after the last byte would
 * wait for thousands of pages: asks for them while bytes are still on their way. */
void ew_stage_warm(ew_stage *stage, size_t working_bytes) {
  ew_reserve((size_t)stage->pending, working_bytes < WARM_MOST ? working_bytes : WARM_MOST);
}

/* Makes the stage as large as the largest weight that is known to come. */
static ew_status enlarge(ew_stage *stage, size_t size, ew_error *err) {
  if (stage->size >= size) return EW_OK;
  if (size < stage->largest) size = stage->largest;
  ew_free(stage->data);
  stage->data = ew_alloc(size);
  stage->size = stage->data != NULL ? size : 0;
  EW_CHECK(stage->data != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu bytes for weights",
           size);
  return EW_OK;
}

ew_status ew_stage_take(ew_stage *stage, size_t size, bool kept, uint8_t **out, ew_error *err) {
  if (size >= STAGE_LEAST && !kept && !stage->busy) {
    EW_TRY(enlarge(stage, size, err));
    stage->busy = true;
    *out = stage->data;
  } else {
    *out = ew_alloc(size);
    EW_CHECK(*out != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu bytes for weights", size);
  }
  /* XNNPACK reads a little behind the end; what is there must not depend on chance. */
  memset(*out + size, 0, EW_EXTRA_BYTES);
  return EW_OK;
}

void ew_stage_drop(ew_stage *stage, uint8_t *data) {
  if (stage->busy && data == stage->data) {
    stage->busy = false;
  } else {
    ew_free(data);
  }
}

void ew_stage_end(ew_stage *stage) {
  if (!stage->busy) ew_free(stage->data);
  *stage = (ew_stage){0};
}
