/* Memory for weights on their way to the executor.
 *
 * Most weights are copied when they are packed and their raw bytes freed at once. Large ones arrive one
 * after the other in one buffer, the stage, so that they leave no holes between the packed ones. */
#ifndef EW_LOAD_STAGE_H
#define EW_LOAD_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* All zero at first. */
typedef struct ew_stage {
  uint8_t *data;
  size_t size;
  bool busy;        /* some constant's bytes are in it */
  size_t largest;   /* the largest weight that may pass through it, as far as is known */
  uint64_t pending; /* bytes of weights that are known to come */
  bool reserve_due; /* some of them became known since the heap was last made large enough */
  bool warmed;      /* pages for working memory have been asked for */
} ew_stage;

/* A weight of so many bytes will be read. kept: it stays in memory, and does not pass through the stage. */
void ew_stage_expect(ew_stage *stage, size_t size, bool kept);
/* One that was expected has arrived. */
void ew_stage_arrived(ew_stage *stage, size_t size);

/* Lets the heap grow at once by what is known to come: at most file_size bytes, since hostile files name
 * the same bytes many times. */
void ew_stage_reserve(ew_stage *stage, uint64_t file_size);
/* True, once, when few enough bytes are to come that pages for working memory should be asked for. */
bool ew_stage_warm_due(ew_stage *stage);
void ew_stage_warm(ew_stage *stage, size_t working_bytes);

/* Memory for a constant of size bytes, zeros behind its end: the stage when it is free and the constant
 * large and not kept, else memory of its own. */
ew_status ew_stage_take(ew_stage *stage, size_t size, bool kept, uint8_t **out, ew_error *err);
/* Gives memory of ew_stage_take back. */
void ew_stage_drop(ew_stage *stage, uint8_t *data);
/* No weights come any more. A constant whose bytes are in the stage keeps them as its own. */
void ew_stage_end(ew_stage *stage);

#endif
