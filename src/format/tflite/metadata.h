/* What a `.tflite` says about itself beside its graph: names, normalisation, labels, calibration.
 *
 * Metadata never decides whether a model runs: what is malformed in it becomes a warning. */
#ifndef EW_FORMAT_TFLITE_METADATA_H
#define EW_FORMAT_TFLITE_METADATA_H

#include "base/text.h"
#include "format/tflite/model.h"

/* Appends the members that ew_format.describe tells, from a model that has been read. Pages that it needs and
 * that are not there are marked as wanted; then the text means nothing. */
void tfl_describe(tfl_model *model, ew_text *text);

/* --- the archive behind the FlatBuffer (archive.c) ---------------------------------------------------- */

enum { TFL_MAX_FILES = 256 };

typedef struct tfl_file {
  const uint8_t *name; /* not NUL-terminated */
  size_t name_size;
  ew_bytes content;
} tfl_file;

/* A ZIP archive at the end of a file; stored and deflated entries are read. */
typedef struct tfl_archive {
  uint32_t count;
  tfl_file files[TFL_MAX_FILES];
  const char *problem; /* NULL, or what is wrong with it */
} tfl_archive;

/* Deflated files are unpacked into the arena. */
void tfl_read_archive(ew_fb *fb, ew_arena *arena, tfl_archive *out);
const tfl_file *tfl_find_file(const tfl_archive *archive, const char *name);

#endif
