/* The metadata buffer (FlatBuffer "M001") and the files that it names, as JSON. */
#include "format/tflite/metadata.h"

#include <math.h>
#include <string.h>

/* Field numbers of metadata_schema.fbs. */
enum { META_NAME = 0, META_DESCRIPTION, META_VERSION, META_SUBGRAPHS, META_AUTHOR, META_LICENSE };
enum { META_FILES = 6, META_MIN_PARSER = 7 };
enum { GRAPH_INPUTS = 2, GRAPH_OUTPUTS = 3, GRAPH_CUSTOM = 9 };
enum { TENSOR_NAME = 0, TENSOR_DESCRIPTION, TENSOR_CONTENT = 3, TENSOR_UNITS, TENSOR_STATS };
enum { TENSOR_FILES = 6 };
enum { UNIT_NORMALIZATION = 1, UNIT_CALIBRATION = 2, UNIT_THRESHOLD = 3 };
enum { FILE_AXIS_LABELS = 2, FILE_VALUE_LABELS = 3, FILE_CALIBRATION = 4 };
enum { CONTENT_IMAGE = 2 };
enum { MAX_LABELS = 1 << 20 };

typedef struct describer {
  ew_fb fb; /* of the metadata buffer */
  const tfl_archive *archive;
  ew_text *text;
  ew_text *warnings; /* JSON strings, with commas between */
} describer;

static void warn(const describer *d, const char *what, const char *name) {
  ew_text line = {0};
  ew_text_add(&line, "%s%s", what, name);
  if (line.data != NULL) {
    if (d->warnings->size > 0) ew_text_add(d->warnings, ",");
    ew_text_add_json_string(d->warnings, line.data);
  }
  ew_text_free(&line);
}

static void add_string(const describer *d, ew_fb_table table, uint32_t field, const char *key) {
  const char *value = ew_fb_str(table, field);
  if (*value == '\0') return;
  ew_text_add(d->text, ",\"%s\":", key);
  ew_text_add_json_string(d->text, value);
}

/* JSON has no infinities. */
static void add_number(ew_text *text, float value) {
  if (isfinite(value)) {
    ew_text_add(text, "%.9g", (double)value);
  } else {
    ew_text_add(text, "null");
  }
}

static void add_floats(const describer *d, ew_fb_table table, uint32_t field, const char *key) {
  const ew_fb_vector list = ew_fb_vec(table, field, 4);
  if (list.count == 0) return;
  ew_text_add(d->text, ",\"%s\":[", key);
  for (uint32_t i = 0; i < list.count && i < EW_MAX_OPERANDS; i++) {
    if (i > 0) ew_text_add(d->text, ",");
    add_number(d->text, ew_load_f32(list.items + 4 * (size_t)i));
  }
  ew_text_add(d->text, "]");
}

/* --- files -------------------------------------------------------------------------------------------- */

/* One line of bytes that end with a newline or the content; without a carriage return. */
static bool next_line(ew_bytes *rest, ew_bytes *line) {
  if (rest->size == 0) return false;
  const uint8_t *end = memchr(rest->data, '\n', rest->size);
  const size_t size = end == NULL ? rest->size : (size_t)(end - rest->data);
  *line = (ew_bytes){rest->data, size};
  if (size > 0 && rest->data[size - 1] == '\r') line->size--;
  const size_t taken = end == NULL ? size : size + 1;
  *rest = (ew_bytes){rest->data + taken, rest->size - taken};
  return true;
}

/* A line as a JSON string; lines hold no NUL that text could contain. */
static void add_line(ew_text *text, ew_bytes line) {
  char buffer[EW_MAX_NAME + 1];
  const size_t size = line.size < EW_MAX_NAME ? line.size : EW_MAX_NAME;
  memcpy(buffer, line.data, size);
  buffer[size] = '\0';
  ew_text_add_json_string(text, buffer);
}

static void add_lines(const describer *d, const char *name, ew_bytes content) {
  ew_bytes line;
  uint32_t count = 0;
  ew_text_add(d->text, "[");
  while (count < MAX_LABELS && next_line(&content, &line)) {
    if (count++ > 0) ew_text_add(d->text, ",");
    add_line(d->text, line);
  }
  ew_text_add(d->text, "]");
  if (content.size > 0) warn(d, "too many lines in ", name);
}

static const char *file_kind(int8_t type) {
  switch (type) {
    case FILE_AXIS_LABELS:
      return "axisLabels";
    case FILE_VALUE_LABELS:
      return "valueLabels";
    case FILE_CALIBRATION:
      return "scoreCalibration";
    default:
      return "other";
  }
}

/* Files with lines that mean something carry them; of others only the name is told. */
static void add_file(const describer *d, ew_fb_table table) {
  const char *name = ew_fb_str(table, 0);
  const int8_t type = ew_fb_i8(table, 2);
  ew_text_add(d->text, "{\"name\":");
  ew_text_add_json_string(d->text, name);
  add_string(d, table, 1, "description");
  ew_text_add(d->text, ",\"kind\":\"%s\"", file_kind(type));
  add_string(d, table, 3, "locale");
  const bool lines = type >= FILE_AXIS_LABELS && type <= FILE_CALIBRATION;
  const tfl_file *file = tfl_find_file(d->archive, name);
  if (lines && file == NULL) warn(d, "the model names a file that it does not hold: ", name);
  if (lines && file != NULL) {
    ew_text_add(d->text, ",\"lines\":");
    add_lines(d, name, file->content);
  }
  ew_text_add(d->text, "}");
}

static void add_files(const describer *d, ew_fb_table table, uint32_t field) {
  const ew_fb_vector list = ew_fb_vec(table, field, 4);
  if (list.count == 0) return;
  ew_text_add(d->text, ",\"files\":[");
  for (uint32_t i = 0; i < list.count && i < TFL_MAX_FILES; i++) {
    if (i > 0) ew_text_add(d->text, ",");
    add_file(d, ew_fb_vec_table(list, i));
  }
  ew_text_add(d->text, "]");
}

/* --- tensors ------------------------------------------------------------------------------------------ */

static void add_content(const describer *d, ew_fb_table content) {
  static const char *const kinds[] = {NULL, "feature", "image", "boundingBox", "audio"};
  static const char *const colors[] = {NULL, "rgb", "grayscale"};
  const uint8_t kind = ew_fb_u8(content, 0);
  if (kind == 0 || kind > 4) return;
  ew_text_add(d->text, ",\"content\":\"%s\"", kinds[kind]);
  const int8_t color = ew_fb_i8(ew_fb_sub(content, 1), 0);
  if (kind == CONTENT_IMAGE && (color == 1 || color == 2)) {
    ew_text_add(d->text, ",\"colorSpace\":\"%s\"", colors[color]);
  }
}

static void add_unit(const describer *d, ew_fb_table unit) {
  static const char *const transformations[] = {"identity", "log", "inverseLogistic"};
  const ew_fb_table options = ew_fb_sub(unit, 1);
  switch (ew_fb_u8(unit, 0)) {
    case UNIT_NORMALIZATION:
      add_floats(d, options, 0, "mean");
      add_floats(d, options, 1, "std");
      break;
    case UNIT_CALIBRATION: {
      const int8_t transformation = ew_fb_i8(options, 0);
      ew_text_add(d->text, ",\"scoreCalibration\":{\"transformation\":\"%s\",\"defaultScore\":",
                  transformations[transformation == 1 || transformation == 2 ? transformation : 0]);
      add_number(d->text, ew_fb_f32(options, 1));
      ew_text_add(d->text, "}");
      break;
    }
    case UNIT_THRESHOLD:
      ew_text_add(d->text, ",\"scoreThreshold\":");
      add_number(d->text, ew_fb_f32(options, 0));
      break;
    default:
      break;
  }
}

static void add_tensor(const describer *d, ew_fb_table tensor) {
  /* The first member of each object is unconditional, so that the others can bring their comma. */
  ew_text_add(d->text, "{\"name\":");
  ew_text_add_json_string(d->text, ew_fb_str(tensor, TENSOR_NAME));
  add_string(d, tensor, TENSOR_DESCRIPTION, "description");
  add_content(d, ew_fb_sub(tensor, TENSOR_CONTENT));
  const ew_fb_vector units = ew_fb_vec(tensor, TENSOR_UNITS, 4);
  uint32_t seen = 0;
  for (uint32_t i = 0; i < units.count; i++) {
    /* The first of a kind counts: a JSON object has each member once. */
    const ew_fb_table unit = ew_fb_vec_table(units, i);
    const uint8_t kind = ew_fb_u8(unit, 0);
    if (kind < 32 && (seen >> kind & 1) == 0) add_unit(d, unit);
    if (kind < 32) seen |= 1u << kind;
  }
  add_floats(d, ew_fb_sub(tensor, TENSOR_STATS), 1, "min");
  add_floats(d, ew_fb_sub(tensor, TENSOR_STATS), 0, "max");
  add_files(d, tensor, TENSOR_FILES);
  ew_text_add(d->text, "}");
}

static void add_tensors(const describer *d, ew_fb_table graph, uint32_t field, const char *key) {
  const ew_fb_vector list = ew_fb_vec(graph, field, 4);
  ew_text_add(d->text, ",\"%s\":[", key);
  for (uint32_t i = 0; i < list.count && i < EW_MAX_OPERANDS; i++) {
    if (i > 0) ew_text_add(d->text, ",");
    add_tensor(d, ew_fb_vec_table(list, i));
  }
  ew_text_add(d->text, "]");
}

/* MediaPipe says here what turns a segmenter's outputs into probabilities. */
static void add_activation(const describer *d, ew_bytes bytes) {
  static const char *const activations[] = {"none", "sigmoid", "softmax"};
  ew_error ignored;
  ew_fb fb;
  if (bytes.size < 8 || memcmp(bytes.data + 4, "V001", 4) != 0) return;
  ew_fb_init(&fb, bytes, "SEGMENTER_METADATA", &ignored);
  const int8_t activation = ew_fb_i8(ew_fb_root(&fb), 0);
  if (ew_fb_status(&fb) != EW_OK || activation < 0 || activation > 2) return;
  ew_text_add(d->text, ",\"activation\":\"%s\"", activations[activation]);
}

static void add_custom(const describer *d, ew_fb_table graph) {
  const ew_fb_vector list = ew_fb_vec(graph, GRAPH_CUSTOM, 4);
  for (uint32_t i = 0; i < list.count; i++) {
    const ew_fb_table entry = ew_fb_vec_table(list, i);
    if (strcmp(ew_fb_str(entry, 0), "SEGMENTER_METADATA") != 0) continue;
    const ew_fb_vector data = ew_fb_vec(entry, 1, 1);
    if (data.present) add_activation(d, (ew_bytes){data.items, data.count});
    return;
  }
}

/* --- the whole ---------------------------------------------------------------------------------------- */

/* Members without the comma that opens the first. */
static void add_metadata(describer *d, const tfl_model *model) {
  const ew_fb_table root = ew_fb_root(&d->fb);
  ew_text_add(d->text, ",\"metadata\":{\"name\":");
  ew_text_add_json_string(d->text, ew_fb_str(root, META_NAME));
  add_string(d, root, META_DESCRIPTION, "description");
  add_string(d, root, META_VERSION, "version");
  add_string(d, root, META_AUTHOR, "author");
  add_string(d, root, META_LICENSE, "license");
  add_string(d, root, META_MIN_PARSER, "minParserVersion");
  add_files(d, root, META_FILES);
  const ew_fb_vector graphs = ew_fb_vec(root, META_SUBGRAPHS, 4);
  if (graphs.count > model->subgraph) {
    const ew_fb_table graph = ew_fb_vec_table(graphs, model->subgraph);
    add_tensors(d, graph, GRAPH_INPUTS, "inputs");
    add_tensors(d, graph, GRAPH_OUTPUTS, "outputs");
    add_custom(d, graph);
  }
  ew_text_add(d->text, "}");
}

/* Whatever was written of malformed metadata is taken back. */
static void describe_metadata(tfl_model *model, const tfl_archive *archive, ew_text *text,
                              ew_text *warnings) {
  const tfl_range range = model->metadata;
  ew_error problem = {0};
  describer d = {.archive = archive, .text = text, .warnings = warnings};
  const uint8_t *bytes = model->fb.bytes.data + range.offset;
  const size_t before = text->size;
  if (range.size < 8 || memcmp(bytes + 4, "M001", 4) != 0) {
    warn(&d, "the metadata is not of version M001", "");
    return;
  }
  ew_fb_init(&d.fb, (ew_bytes){bytes, (size_t)range.size}, "metadata", &problem);
  add_metadata(&d, model);
  if (ew_fb_status(&d.fb) == EW_OK) return;
  if (text->data != NULL) text->data[before] = '\0';
  text->size = before;
  warn(&d, problem.message, "");
}

void tfl_describe(tfl_model *model, ew_text *text) {
  tfl_archive *archive = NULL;
  ew_text warnings = {0};
  if (*model->description != '\0') {
    ew_text_add(text, ",\"converter\":");
    ew_text_add_json_string(text, model->description);
  }
  if (*model->min_runtime != '\0') {
    ew_text_add(text, ",\"minRuntimeVersion\":");
    ew_text_add_json_string(text, model->min_runtime);
  }
  if (model->metadata.size == 0) return;
  if (ew_arena_alloc(model->arena, 1, sizeof *archive, &archive, NULL) != EW_OK) {
    text->failed = true;
    return;
  }
  tfl_read_archive(&model->fb, model->arena, archive);
  if (model->fb.pages != NULL && model->fb.pages->incomplete) return;
  describe_metadata(model, archive, text, &warnings);
  if (archive->problem != NULL) {
    const describer d = {.warnings = &warnings};
    warn(&d, "the archive behind the model is not read: ", archive->problem);
  }
  if (warnings.size > 0) ew_text_add(text, ",\"warnings\":[%s]", warnings.data);
  if (warnings.failed) text->failed = true;
  ew_text_free(&warnings);
}
