/* FlexBuffers: the schemaless maps in which some custom operators keep their options. */
#ifndef EW_FORMAT_TFLITE_FLEX_H
#define EW_FORMAT_TFLITE_FLEX_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/status.h"

/* A map whose entries were checked: names end within the bytes, values lie within them. */
typedef struct tfl_flex {
  ew_bytes bytes;
  size_t values, keys;       /* positions of the first value and the first key */
  uint32_t width, key_width; /* bytes of a value and of a distance to a key */
  uint32_t count;
} tfl_flex;

/* what: opens messages ("TFLite_Detection_PostProcess"). EW_INVALID_PROGRAM unless the root is a map. */
ew_status tfl_flex_open(ew_bytes bytes, const char *what, tfl_flex *out, ew_error *err);

/* The number (integer, float or truth) under this name; fallback when there is none. */
double tfl_flex_number(const tfl_flex *map, const char *name, double fallback);

#endif
