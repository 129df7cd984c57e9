/* The stages of reading a `.pte`, in the order in which their bytes arrive. */
#include <string.h>

#include "format/pte/internal.h"
#include "format/pte/pte.h"

/* Tags of ranges: the rest of the program, the two parts of a data file's metadata, or what is needed next of payload number tag. */
enum { PROGRAM = UINT32_MAX, DATA_HEAD = UINT32_MAX - 1, DATA_METADATA = UINT32_MAX - 2 };

/* Bytes of a payload that are read first. */
enum { PAYLOAD_HEAD = 64 };

static pte_file *pte_of(ew_reader *reader) { return (pte_file *)reader; }
static const pte_file *const_pte_of(const ew_reader *reader) { return (const pte_file *)reader; }

static bool sniff(ew_bytes head) { return head.size >= 8 && memcmp(head.data + 4, "ET12", 4) == 0; }

/* Room was made for the program's rest, and two ranges of each payload. */
static void add_want(pte_file *pte, ew_format_range range) { pte->wants[pte->num_wants++] = range; }

static bool want(ew_reader *reader, ew_format_range *out) {
  pte_file *pte = pte_of(reader);
  if (pte->wants_given == pte->num_wants) return false;
  *out = pte->wants[pte->wants_given++];
  return true;
}

static ew_status allocate(size_t size, const char *what, uint8_t **out, ew_error *err) {
  *out = ew_alloc(size);
  EW_CHECK(*out != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu bytes for %s", size, what);
  return EW_OK;
}

/* --- payloads ------------------------------------------------------------------------------------- */

static bool is_inline(const pte_file *pte, const pte_payload *payload) {
  return ew_in_range(payload->offset, payload->size, pte->header.program_size);
}

static ew_bytes bytes_of(const pte_file *pte, const pte_payload *payload) {
  if (payload->data != NULL) return (ew_bytes){payload->data, payload->have};
  return (ew_bytes){pte->program_data + payload->offset, (size_t)payload->size};
}

/* Asks for the head of each payload. An inline one is part of the program: nothing is to be read, and their
 * turn is that of the delegates. */
static ew_status want_payloads(pte_file *pte, ew_error *err) {
  pte->payloads_pending = pte->num_payloads;
  for (uint32_t i = 0; i < pte->num_payloads; i++) {
    pte_payload *payload = &pte->payloads[i];
    ew_format_range range = {.offset = i, .tag = i};
    if (!is_inline(pte, payload)) {
      payload->have = payload->size < PAYLOAD_HEAD ? (size_t)payload->size : PAYLOAD_HEAD;
      EW_TRY(allocate(payload->have, "the head of a payload", &payload->data, err));
      range = (ew_format_range){payload->offset, payload->have, payload->data, i};
    }
    add_want(pte, range);
  }
  return EW_OK;
}

/* Asks for what the payload needs behind its head. */
static ew_status want_rest(pte_file *pte, uint32_t index, uint64_t need, ew_error *err) {
  pte_payload *payload = &pte->payloads[index];
  const size_t have = payload->have;
  uint8_t *bigger = NULL;
  EW_CHECK(need <= EW_MAX_TENSOR_BYTES, err, EW_OUT_OF_RESOURCES,
           "XNNPACK payload %u: a graph of %llu bytes exceeds the limit of 1 GiB", index,
           (unsigned long long)need);
  EW_TRY(allocate((size_t)need, "a graph", &bigger, err));
  memcpy(bigger, payload->data, have);
  ew_free(payload->data);
  payload->data = bigger;
  payload->have = (size_t)need;
  add_want(pte,
           (ew_format_range){payload->offset + have, payload->have - have, bigger + have, index});
  return EW_OK;
}

static ew_status take_payload(pte_file *pte, uint32_t index, ew_error *err) {
  pte_payload *payload = &pte->payloads[index];
  const ew_bytes bytes = bytes_of(pte, payload);
  if (!payload->has_header) {
    payload->has_header = true;
    EW_TRY(pte_read_payload_header(bytes, index, payload->size, &payload->header, err));
    const uint64_t need = payload->header.graph_offset + payload->header.graph_size;
    if (need > bytes.size) return want_rest(pte, index, need, err);
  }
  EW_TRY(pte_read_payload(pte, index, bytes, err));
  pte->current_payload = index;
  pte->payloads_pending--;
  return EW_OK;
}

/* --- program -------------------------------------------------------------------------------------- */

/* Names of weights are looked up while the program is read: the data file's must be here. */
static ew_status read_program(pte_file *pte, ew_error *err) {
  if (!pte->has_program || (pte->data.size > 0 && !pte->data.is_read)) return EW_OK;
  EW_TRY(pte_read_program(pte, err));
  EW_TRY(ew_arena_alloc(pte->arena, 2 * (size_t)pte->num_payloads, sizeof *pte->wants, &pte->wants,
                        err));
  pte->num_wants = pte->wants_given = 0;
  return want_payloads(pte, err);
}

static ew_status start(pte_file *pte, ew_bytes head, ew_error *err) {
  EW_TRY(pte_read_header(head, pte->file_size, &pte->header, err));
  const size_t size = (size_t)pte->header.program_size;
  EW_TRY(allocate(size, "the program", &pte->program_data, err));
  const size_t have = head.size < size ? head.size : size;
  memcpy(pte->program_data, head.data, have);
  EW_TRY(ew_arena_alloc(pte->arena, 3, sizeof *pte->wants, &pte->wants, err));
  add_want(
      pte,
      (ew_format_range){
          .offset = have, .size = size - have, .data = pte->program_data + have, .tag = PROGRAM});
  return EW_OK;
}

/* --- data file ------------------------------------------------------------------------------------ */

static ew_status take_data_head(pte_file *pte, ew_error *err) {
  pte_data_file *data = &pte->data;
  EW_TRY(pte_read_data_header(data, err));
  EW_TRY(allocate(data->metadata_size, "the metadata of a data file", &data->metadata, err));
  memcpy(data->metadata, data->head, PTE_DATA_HEAD);
  add_want(pte, (ew_format_range){.offset = pte->file_size + PTE_DATA_HEAD,
                                  .size = data->metadata_size - PTE_DATA_HEAD,
                                  .data = data->metadata + PTE_DATA_HEAD,
                                  .tag = DATA_METADATA});
  return EW_OK;
}

static ew_status take_data_metadata(pte_file *pte, ew_error *err) {
  EW_TRY(pte_read_data_metadata(pte, err));
  pte->data.is_read = true;
  return read_program(pte, err);
}

static ew_status want_data(pte_file *pte, ew_error *err) {
  if (pte->data.size == 0) return EW_OK;
  EW_CHECK(pte->data.size >= PTE_DATA_HEAD, err, EW_INVALID_EXTERNAL_DATA,
           "data file: %llu bytes are too few for its header", (unsigned long long)pte->data.size);
  add_want(pte, (ew_format_range){.offset = pte->file_size,
                                  .size = PTE_DATA_HEAD,
                                  .data = pte->data.head,
                                  .tag = DATA_HEAD});
  return EW_OK;
}

/* --- life ----------------------------------------------------------------------------------------- */

static void destroy(ew_reader *reader) {
  pte_file *pte = pte_of(reader);
  ew_free(pte->data.metadata);
  for (uint32_t i = 0; i < pte->num_payloads; i++) ew_free(pte->payloads[i].data);
  ew_free(pte->program_data);
}

static ew_status open(const ew_format_context *context, ew_bytes head, ew_reader **out,
                      ew_error *err) {
  pte_file *pte = NULL;
  EW_TRY(ew_arena_alloc(context->arena, 1, sizeof *pte, &pte, err));
  pte->arena = context->arena;
  pte->graph = context->graph;
  pte->file_size = context->file_size;
  pte->data.size = context->data_size;
  pte->method = context->method;
  pte->current_payload = EW_NONE;
  ew_status status = start(pte, head, err);
  if (status == EW_OK) status = want_data(pte, err);
  if (status != EW_OK) {
    destroy((ew_reader *)pte);
    return status;
  }
  *out = (ew_reader *)pte;
  return EW_OK;
}

static ew_status take(ew_reader *reader, const ew_format_range *range, ew_error *err) {
  pte_file *pte = pte_of(reader);
  switch (range->tag) {
    case PROGRAM:
      pte->has_program = true;
      return read_program(pte, err);
    case DATA_HEAD:
      return take_data_head(pte, err);
    case DATA_METADATA:
      return take_data_metadata(pte, err);
    default:
      return take_payload(pte, range->tag, err);
  }
}

/* --- what is here --------------------------------------------------------------------------------- */

static const uint8_t *held(const ew_reader *reader, uint64_t offset, size_t size) {
  const pte_file *pte = const_pte_of(reader);
  if (ew_in_range(offset, size, pte->header.program_size)) return pte->program_data + offset;
  if (pte->current_payload == EW_NONE) return NULL;
  const pte_payload *payload = &pte->payloads[pte->current_payload];
  if (payload->data == NULL || offset < payload->offset ||
      !ew_in_range(offset - payload->offset, size, payload->have)) {
    return NULL;
  }
  return payload->data + (offset - payload->offset);
}

static void release(ew_reader *reader) {
  pte_file *pte = pte_of(reader);
  if (pte->current_payload == EW_NONE) return;
  ew_free(pte->payloads[pte->current_payload].data);
  pte->payloads[pte->current_payload].data = NULL;
  pte->current_payload = EW_NONE;
}

/* payloads is NULL before the program has been read. */
static bool complete(const ew_reader *reader) {
  const pte_file *pte = const_pte_of(reader);
  return pte->payloads != NULL && pte->payloads_pending == 0;
}

static ew_status finish(ew_reader *reader, ew_error *err) {
  return pte_order_steps(pte_of(reader), err);
}

static void methods(const ew_reader *reader, const char *const **out_names, uint32_t *out_count) {
  *out_names = const_pte_of(reader)->method_names;
  *out_count = const_pte_of(reader)->num_methods;
}

const ew_format ew_format_pte = {
    .name = "pte",
    .magic = "ExecuTorch magic 'ET12' at byte 4 (.pte)",
    .sniff = sniff,
    .open = open,
    .want = want,
    .take = take,
    .held = held,
    .release = release,
    .complete = complete,
    .finish = finish,
    .methods = methods,
    .destroy = destroy,
};
