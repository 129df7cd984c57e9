/* The packed-weights provider.
 *
 * XNNPACK asks it before it packs: look_up(key) returns an entry or SIZE_MAX; after a miss it calls
 * reserve_space, packs, and then look_up_or_insert; later offset_to_addr turns the entry into an
 * address. Convolutions call look_up_or_insert even after a hit, with ptr NULL. Depthwise and
 * transposed convolutions never look up, they only insert.
 *
 * The key holds the addresses of filter and bias. While a node is packed they are real; in the
 * segment's runtime they are the node's token, so that the raw bytes need not exist any more. */
#include <string.h>

#include "exec/xnn/internal.h"

enum { PACKED_CHANNELS = 8 };

static const char NO_MEMORY[] = "out of memory for its packed weights";

/* The node that a filter address stands for, or EW_NONE when it is the address of real bytes. */
static uint32_t node_of(const ew_weights *weights, const void *kernel) {
  const uintptr_t address = (uintptr_t)kernel, first = (uintptr_t)weights->tokens;
  return address >= first && address - first < weights->num_nodes ? (uint32_t)(address - first)
                                                                  : EW_NONE;
}

static size_t refuse(ew_weights *weights, ew_status code, const char *why) {
  weights->refusal = code;
  weights->refused = why;
  return SIZE_MAX;
}

static size_t look_up(void *context, const struct xnn_weights_cache_look_up_key *key) {
  ew_weights *weights = context;
  const uint32_t node = node_of(weights, key->kernel);
  if (node == EW_NONE) return SIZE_MAX;
  const uint32_t entry = weights->by_node[node];
  if (entry == EW_NONE) return refuse(weights, EW_INTERNAL, "its weights have not been packed");
  if (weights->items[entry].seed != key->seed) {
    return refuse(weights, EW_INTERNAL, "its weights were packed for another operator shape");
  }
  return entry;
}

static void *reserve_space(void *context, size_t size) {
  ew_weights *weights = context;
  /* After a miss of a token XNNPACK would pack from the token itself: make it fail instead. */
  if (weights->refused != NULL) return NULL;
  ew_free(weights->reserved);
  weights->reserved = ew_alloc(size);
  weights->reserved_size = size;
  if (weights->reserved == NULL) refuse(weights, EW_OUT_OF_MEMORY, NO_MEMORY);
  return weights->reserved;
}

#ifdef __EMSCRIPTEN__
/* --- without zeros ------------------------------------------------------------------------------- */

typedef void *write_fn(xnn_operator_t op, size_t size, int padding);
write_fn __real_xnn_get_pointer_to_write_weights, __wrap_xnn_get_pointer_to_write_weights;

/* Of the node that is being packed, when its packed weights are written whole. */
static ew_weights *unfilled;

/* XNNPACK's own fills with zeros first; that went twice over all memory, a tenth of the time of a load. */
void *__wrap_xnn_get_pointer_to_write_weights(xnn_operator_t op, size_t size, int padding) {
  if (unfilled == NULL) return __real_xnn_get_pointer_to_write_weights(op, size, padding);
  char *memory = reserve_space(unfilled, size);
  /* Sizes are rounded up. */
  if (memory != NULL && size >= EW_ALIGNMENT) memset(memory + size - EW_ALIGNMENT, 0, EW_ALIGNMENT);
  return memory;
}

/* The kernels' blocks have 8 channels; f32 ones of one weight each, so that only channels can be missing. Packing
 * leaves out what is not there: a bias, and channels of the last block. */
static bool is_written_whole(const ew_graph *graph, const ew_node *node) {
  if (node->num_inputs < 3 || node->inputs[2] == EW_NONE) return false;
  for (uint32_t i = 0; i < 3; i++) {
    if (graph->values[node->inputs[i]].dtype != EW_F32) return false;
  }
  if (node->op == EW_OP_CONV_2D) return node->params->group_output_channels % PACKED_CHANNELS == 0;
  const ew_value *filter = &graph->values[node->inputs[1]];
  for (uint32_t i = 0; i < filter->rank; i++) {
    if (filter->dims[i] % PACKED_CHANNELS != 0) return false;
  }
  return node->op == EW_OP_FULLY_CONNECTED;
}

void ew_weights_begin(ew_weights *weights, const ew_graph *graph, uint32_t node) {
  weights->packing = node;
  weights->refused = NULL;
  unfilled = is_written_whole(graph, &graph->nodes[node]) ? weights : NULL;
}

void ew_weights_end(ew_weights *weights) {
  weights->packing = EW_NONE;
  unfilled = NULL;
}
#else
void ew_weights_begin(ew_weights *weights, const ew_graph *graph, uint32_t node) {
  (void)graph;
  weights->packing = node;
  weights->refused = NULL;
}

void ew_weights_end(ew_weights *weights) { weights->packing = EW_NONE; }
#endif

static bool grow(ew_weights *weights) {
  if (weights->count < weights->capacity) return true;
  const uint32_t capacity = weights->capacity == 0 ? 64 : weights->capacity * 2;
  ew_packed *items = ew_alloc(capacity * sizeof *items);
  if (items == NULL) return false;
  if (weights->count > 0) memcpy(items, weights->items, weights->count * sizeof *items);
  ew_free(weights->items);
  weights->items = items;
  weights->capacity = capacity;
  return true;
}

static size_t look_up_or_insert(void *context, const struct xnn_weights_cache_look_up_key *key,
                                void *data, size_t size) {
  ew_weights *weights = context;
  (void)size;
  if (data == NULL) return look_up(context, key);
  if (data != weights->reserved || !grow(weights)) {
    return refuse(weights, EW_OUT_OF_MEMORY, NO_MEMORY);
  }
  weights->items[weights->count] = (ew_packed){.data = data, .seed = key->seed};
  if (weights->packing != EW_NONE) weights->by_node[weights->packing] = weights->count;
  weights->bytes += weights->reserved_size;
  weights->reserved = NULL;
  return weights->count++;
}

static bool is_finalized(void *context) {
  (void)context;
  return true; /* blocks never move */
}

static void *offset_to_addr(void *context, size_t offset) {
  const ew_weights *weights = context;
  return offset < weights->count ? weights->items[offset].data : NULL;
}

static enum xnn_status delete_cache(void *context) {
  (void)context; /* ew_weights_free */
  return xnn_status_success;
}

void ew_weights_init(ew_weights *weights) {
  memset(weights, 0, sizeof *weights);
  weights->provider = (struct xnn_weights_cache_provider){.context = weights,
                                                          .look_up = look_up,
                                                          .reserve_space = reserve_space,
                                                          .look_up_or_insert = look_up_or_insert,
                                                          .is_finalized = is_finalized,
                                                          .offset_to_addr = offset_to_addr,
                                                          .delete_cache = delete_cache};
  weights->packing = EW_NONE;
}

void ew_weights_free(ew_weights *weights) {
  for (uint32_t i = 0; i < weights->count; i++) ew_free(weights->items[i].data);
  ew_free(weights->reserved);
  ew_free(weights->items);
  ew_free(weights->by_node);
  ew_free(weights->tokens);
  memset(weights, 0, sizeof *weights);
}

const void *ew_weights_token(const ew_weights *weights, uint32_t node) {
  return weights->tokens + node;
}
