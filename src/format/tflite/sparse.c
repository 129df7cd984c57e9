/* Constants of which only some values are stored.
 *
 * A tensor is a tree: each level of the traversal order is a dimension (or a block within one), and a node's
 * children are all positions of a dense level, or those listed in a sparse one. The leaves, counted from left
 * to right, are the stored values. */
#include <string.h>

#include "format/tflite/quant.h"

enum { SPARSITY_ORDER = 0, SPARSITY_BLOCKS, SPARSITY_LEVELS };
enum { LEVEL_FORMAT = 0, LEVEL_SIZE, LEVEL_SEGMENTS_TYPE, LEVEL_SEGMENTS, LEVEL_INDICES_TYPE };
enum { LEVEL_INDICES = 5 };
enum { MAX_LEVELS = 2 * EW_MAX_RANK };

typedef struct sparse_reader {
  const tfl_tensor *tensor;
  uint32_t index;
  ew_arena *arena;
  ew_error *err;
} sparse_reader;

#define EW_SPARSE_CHECK(r, cond, ...)                                                              \
  do {                                                                                             \
    if (!(cond)) {                                                                                 \
      ew_fail((r)->err, EW_INVALID_PROGRAM, __VA_ARGS__);                                          \
      return ew_fail_context((r)->err, EW_INVALID_PROGRAM, "tensor %u (%s): sparsity", (r)->index, \
                             (r)->tensor->name);                                                   \
    }                                                                                              \
  } while (0)

/* SparseIndexVector: a union of vectors of 32, 16 or 8 bits. */
static ew_status read_numbers(const sparse_reader *r, ew_fb_table level, uint32_t type_field,
                              uint32_t **out, uint32_t *out_count) {
  static const uint32_t widths[] = {0, 4, 2, 1};
  const uint8_t kind = ew_fb_u8(level, type_field);
  EW_TRY(ew_fb_status(level.fb));
  EW_SPARSE_CHECK(r, kind >= 1 && kind <= 3, "a list of indices has unknown type %u", kind);
  const uint32_t width = widths[kind];
  const ew_fb_vector list = ew_fb_vec(ew_fb_sub(level, type_field + 1), 0, width);
  EW_TRY(ew_fb_status(level.fb));
  EW_TRY(ew_arena_alloc(r->arena, list.count, sizeof **out, out, r->err));
  *out_count = list.count;
  for (uint32_t i = 0; i < list.count; i++) {
    const uint8_t *item = list.items + (size_t)i * width;
    (*out)[i] = width == 4 ? ew_load_u32(item) : width == 2 ? ew_load_u16(item) : *item;
  }
  return EW_OK;
}

/* parents: nodes of the level before. Sets the number of this level's nodes. */
static ew_status check_sparse_level(const sparse_reader *r, const tfl_level *level,
                                    uint64_t parents, uint64_t *out_nodes) {
  EW_SPARSE_CHECK(r, level->num_segments == parents + 1 && level->segments[0] == 0,
                  "%u segments for %llu rows", level->num_segments, (unsigned long long)parents);
  for (uint32_t i = 1; i < level->num_segments; i++) {
    EW_SPARSE_CHECK(r, level->segments[i] >= level->segments[i - 1],
                    "segment %u ends before it starts", i);
  }
  EW_SPARSE_CHECK(r, level->segments[parents] == level->num_indices,
                  "%u indices in segments that end at %u", level->num_indices,
                  level->segments[parents]);
  for (uint32_t i = 0; i < level->num_indices; i++) {
    EW_SPARSE_CHECK(r, level->indices[i] < level->size, "index %u is not below %u",
                    level->indices[i], level->size);
  }
  *out_nodes = level->num_indices;
  return EW_OK;
}

static ew_status read_level(const sparse_reader *r, ew_fb_table table, uint64_t *inout_nodes,
                            tfl_level *level) {
  const uint8_t format = ew_fb_u8(table, LEVEL_FORMAT);
  const int32_t size = ew_fb_i32(table, LEVEL_SIZE);
  EW_TRY(ew_fb_status(table.fb));
  EW_SPARSE_CHECK(r, format <= 1, "level format %u is unknown", format);
  level->sparse = format == 1;
  if (!level->sparse) {
    EW_SPARSE_CHECK(r, size >= 1 && (uint32_t)size == level->size,
                    "a dense level has %d positions, needs %u", size, level->size);
    EW_SPARSE_CHECK(r, *inout_nodes <= EW_MAX_TENSOR_BYTES / level->size, "too many values");
    *inout_nodes *= level->size;
    return EW_OK;
  }
  EW_TRY(read_numbers(r, table, LEVEL_SEGMENTS_TYPE, &level->segments, &level->num_segments));
  EW_TRY(read_numbers(r, table, LEVEL_INDICES_TYPE, &level->indices, &level->num_indices));
  return check_sparse_level(r, level, *inout_nodes, inout_nodes);
}

/* Which dimension each level moves along, and in which steps: the tensor's own dimensions come first in the
 * traversal, then blocks, whose sizes only their levels state. */
static ew_status place_levels(const sparse_reader *r, ew_fb_vector order, ew_fb_vector blocks,
                              ew_fb_vector tables, tfl_sparsity *out) {
  const tfl_tensor *tensor = r->tensor;
  uint32_t seen = 0, block_of[EW_MAX_RANK];
  for (uint32_t i = 0; i < EW_MAX_RANK; i++) block_of[i] = 1;
  for (uint32_t i = 0; i < order.count; i++) {
    const uint32_t entry = ew_fb_vec_u32(order, i);
    EW_SPARSE_CHECK(
        r,
        entry < order.count && !(seen >> entry & 1) && (entry < tensor->rank) == (i < tensor->rank),
        "entry %u of the traversal order is %u", i, entry);
    seen |= 1u << entry;
    tfl_level *level = &out->levels[i];
    level->factor = 1;
    level->dim = entry;
    if (entry < tensor->rank) continue;
    const uint32_t dim = ew_fb_vec_u32(blocks, entry - tensor->rank);
    const int32_t size = ew_fb_i32(ew_fb_vec_table(tables, i), LEVEL_SIZE);
    EW_SPARSE_CHECK(r,
                    dim < tensor->rank && block_of[dim] == 1 && size >= 1 &&
                        tensor->dims[dim] % (uint32_t)size == 0,
                    "blocks of %d in dimension %u", size, dim);
    block_of[dim] = (uint32_t)size;
    level->dim = dim;
    level->size = (uint32_t)size;
  }
  for (uint32_t i = 0; i < tensor->rank; i++) {
    tfl_level *level = &out->levels[i];
    level->factor = block_of[level->dim];
    level->size = (uint32_t)tensor->dims[level->dim] / level->factor;
  }
  return EW_OK;
}

ew_status tfl_read_sparsity(const tfl_tensor *tensor, uint32_t index, size_t stored,
                            ew_arena *arena, tfl_sparsity *out, ew_error *err) {
  const sparse_reader r = {.tensor = tensor, .index = index, .arena = arena, .err = err};
  const ew_fb_vector order = ew_fb_vec(tensor->sparsity, SPARSITY_ORDER, 4);
  const ew_fb_vector blocks = ew_fb_vec(tensor->sparsity, SPARSITY_BLOCKS, 4);
  const ew_fb_vector tables = ew_fb_vec(tensor->sparsity, SPARSITY_LEVELS, 4);
  EW_TRY(ew_fb_status(tensor->sparsity.fb));
  *out = (tfl_sparsity){.num_levels = order.count, .rank = tensor->rank};
  memcpy(out->dims, tensor->dims, sizeof out->dims);
  EW_SPARSE_CHECK(&r,
                  order.count == tensor->rank + blocks.count && order.count == tables.count &&
                      order.count >= 1 && order.count <= MAX_LEVELS,
                  "%u levels, %u blocks and %u descriptions for rank %u", order.count, blocks.count,
                  tables.count, tensor->rank);
  for (uint32_t i = 0; i < tensor->rank; i++) {
    EW_SPARSE_CHECK(&r, tensor->dims[i] >= 1 && tensor->dims[i] <= EW_MAX_TENSOR_BYTES,
                    "dimension %u has size %zu", i, tensor->dims[i]);
  }
  EW_TRY(ew_arena_alloc(arena, order.count, sizeof *out->levels, &out->levels, err));
  EW_TRY(place_levels(&r, order, blocks, tables, out));
  uint64_t nodes = 1;
  for (uint32_t i = 0; i < order.count; i++) {
    EW_TRY(read_level(&r, ew_fb_vec_table(tables, i), &nodes, &out->levels[i]));
  }
  EW_SPARSE_CHECK(&r, nodes == stored, "%llu values are described, %zu stored",
                  (unsigned long long)nodes, stored);
  return EW_OK;
}

typedef struct cursor {
  uint32_t at, end; /* child of the level's node, and one past its last */
} cursor;

static cursor first_child(const tfl_level *level, uint32_t parent) {
  if (level->sparse) return (cursor){level->segments[parent], level->segments[parent + 1]};
  return (cursor){parent * level->size, (parent + 1) * level->size};
}

void tfl_densify(const tfl_sparsity *s, const uint8_t *stored, size_t item, uint8_t *out) {
  size_t strides[EW_MAX_RANK], total = item;
  for (uint32_t i = s->rank; i-- > 0;) {
    strides[i] = total;
    total *= s->dims[i];
  }
  memset(out, 0, total);
  /* Depth first, without recursion: cursors[k] walks the children of the node chosen on level k - 1. */
  cursor cursors[MAX_LEVELS];
  size_t offsets[MAX_LEVELS + 1] = {0};
  uint32_t depth = 0;
  cursors[0] = first_child(&s->levels[0], 0);
  for (;;) {
    if (cursors[depth].at == cursors[depth].end) {
      if (depth == 0) return;
      cursors[--depth].at++;
      continue;
    }
    const tfl_level *level = &s->levels[depth];
    const uint32_t node = cursors[depth].at;
    const uint32_t coordinate = level->sparse ? level->indices[node] : node % level->size;
    offsets[depth + 1] = offsets[depth] + (size_t)coordinate * level->factor * strides[level->dim];
    if (depth + 1 < s->num_levels) {
      depth++;
      cursors[depth] = first_child(&s->levels[depth], node);
      continue;
    }
    memcpy(out + offsets[depth + 1], stored + (size_t)node * item, item);
    cursors[depth].at++;
  }
}
