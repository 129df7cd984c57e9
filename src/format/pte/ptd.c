/* A data file (`.ptd`) beside the model: weights by name. It lies behind the model in the address space of
 * ranges, from pte->file_size on. Schema: executorch/extension/flat_tensor/serialize/flat_tensor.fbs, from
 * ExecuTorch 0.7 on. */
#include <string.h>

#include "format/pte/internal.h"

/* Field numbers of flat_tensor.fbs. */
enum { FLAT_BLOCKS = 1, FLAT_NAMED = 2, FLAT_OLD_BLOCKS = 3 };
enum { NAMED_BLOCK = 1, NAMED_LAYOUT = 2 };
enum { LAYOUT_TYPE = 0, LAYOUT_SIZES = 1, LAYOUT_ORDER = 2 };

/* Behind the magic at byte 8: length u32, then u64s: start and size of the flatbuffer, start and size of the
 * segments. */
ew_status pte_read_data_header(pte_data_file *data, ew_error *err) {
  const uint8_t *head = data->head;
  EW_CHECK(memcmp(head + 4, "FT01", 4) == 0 && memcmp(head + 8, "FH01", 4) == 0, err,
           EW_INVALID_EXTERNAL_DATA,
           "data file: no magic 'FT01' and 'FH01' at byte 4: this is not a .ptd file");
  const uint32_t length = ew_load_u32(head + 12);
  const uint64_t start = ew_load_u64(head + 16), size = ew_load_u64(head + 24);
  data->block_base = ew_load_u64(head + 32);
  data->block_size = ew_load_u64(head + 40);
  EW_CHECK(length >= 40, err, EW_INVALID_EXTERNAL_DATA,
           "data file: the header states %u bytes, needs 40", length);
  EW_CHECK(ew_in_range(start, size, data->size) && start + size >= PTE_DATA_HEAD, err,
           EW_INVALID_EXTERNAL_DATA,
           "data file: metadata at %llu (%llu bytes) leaves the file of %llu bytes",
           (unsigned long long)start, (unsigned long long)size, (unsigned long long)data->size);
  EW_CHECK(start + size <= EW_MAX_TENSOR_BYTES, err, EW_OUT_OF_RESOURCES,
           "data file: %llu bytes of metadata exceed the limit of 1 GiB",
           (unsigned long long)(start + size));
  EW_CHECK(
      ew_in_range(data->block_base, data->block_size, data->size), err, EW_INVALID_EXTERNAL_DATA,
      "data file: segments at %llu (%llu bytes) leave the file of %llu bytes; is it truncated?",
      (unsigned long long)data->block_base, (unsigned long long)data->block_size,
      (unsigned long long)data->size);
  data->metadata_size = (size_t)(start + size);
  return EW_OK;
}

ew_status pte_read_data_metadata(pte_file *pte, ew_error *err) {
  pte_data_file *data = &pte->data;
  ew_fb_init(&data->fb, (ew_bytes){data->metadata, data->metadata_size}, "data file", err);
  const ew_fb_table root = ew_fb_root(&data->fb);
  EW_CHECK(!ew_fb_present(root, FLAT_OLD_BLOCKS), err, EW_NOT_SUPPORTED,
           "data file: it was written by ExecuTorch 0.6; export it with 0.7 or newer");
  data->blocks = ew_fb_vec(root, FLAT_BLOCKS, 4);
  data->names.list = ew_fb_vec(root, FLAT_NAMED, 4);
  EW_TRY(ew_fb_status(&data->fb));
  EW_CHECK(data->blocks.count <= EW_MAX_FILE_BLOCKS && data->names.list.count <= EW_MAX_FILE_BLOCKS,
           err, EW_OUT_OF_RESOURCES, "data file: %u segments and %u names exceed the limit of %d",
           data->blocks.count, data->names.list.count, EW_MAX_FILE_BLOCKS);
  return EW_OK;
}

static ew_status entry_range(pte_file *pte, ew_fb_table entry, const char *key,
                             uint64_t *out_offset, uint64_t *out_size, ew_error *err) {
  const pte_data_file *data = &pte->data;
  const uint32_t index = ew_fb_u32(entry, NAMED_BLOCK);
  EW_CHECK(index < data->blocks.count, err, EW_INVALID_EXTERNAL_DATA,
           "data file: weight '%.100s' names segment %u of %u", key, index, data->blocks.count);
  const ew_fb_table block = ew_fb_vec_table(data->blocks, index);
  const uint64_t offset = ew_fb_u64(block, 0);
  *out_size = ew_fb_u64(block, 1);
  EW_TRY(ew_fb_status(&data->fb));
  EW_CHECK(ew_in_range(offset, *out_size, data->block_size), err, EW_INVALID_EXTERNAL_DATA,
           "data file: weight '%.100s' at %llu (%llu bytes) leaves the file", key,
           (unsigned long long)offset, (unsigned long long)*out_size);
  *out_offset = pte->file_size + data->block_base + offset;
  return EW_OK;
}

ew_status pte_data_range(pte_file *pte, const char *key, bool *out_found, uint64_t *out_offset,
                         uint64_t *out_size, ew_error *err) {
  uint32_t found = EW_NONE;
  *out_found = false;
  if (pte->data.size == 0) return EW_OK;
  EW_TRY(pte_find_name(pte, &pte->data.names, key, &found, err));
  if (found == EW_NONE) return EW_OK;
  *out_found = true;
  const ew_fb_table entry = ew_fb_vec_table(pte->data.names.list, found);
  return entry_range(pte, entry, key, out_offset, out_size, err);
}

/* The file's description of a tensor is that of the model's. */
static ew_status check_layout(pte_file *pte, ew_fb_table layout, const char *key,
                              const ew_value *value, ew_error *err) {
  const ew_fb_vector sizes = ew_fb_vec(layout, LAYOUT_SIZES, 4);
  const ew_fb_vector order = ew_fb_vec(layout, LAYOUT_ORDER, 1);
  bool same = ew_fb_i8(layout, LAYOUT_TYPE) == (int)value->dtype && sizes.count == value->rank &&
              order.count == value->rank;
  EW_TRY(ew_fb_status(&pte->data.fb));
  for (uint32_t i = 0; same && i < value->rank; i++) {
    same = ew_fb_vec_u32(sizes, i) == value->dims[i] && order.items[i] == value->order[i];
  }
  EW_CHECK(same, err, EW_INVALID_EXTERNAL_DATA,
           "data file: tensor '%.100s' has another type or shape than in the model; do the two "
           "files belong together?",
           key);
  return EW_OK;
}

ew_status pte_external_range(pte_file *pte, const char *key, const ew_value *value, size_t bytes,
                             uint64_t *out_offset, ew_error *err) {
  uint32_t found = EW_NONE;
  uint64_t size = 0;
  EW_CHECK(pte->data.size > 0, err, EW_INVALID_EXTERNAL_DATA,
           "tensor '%.100s' lies in an external data file (.ptd) that was not given: give it as "
           "dataSource (--data), or export the model with its weights inside",
           key);
  EW_TRY(pte_find_name(pte, &pte->data.names, key, &found, err));
  EW_CHECK(found != EW_NONE, err, EW_INVALID_EXTERNAL_DATA,
           "data file: no tensor '%.100s'; do model and data file belong together?", key);
  const ew_fb_table entry = ew_fb_vec_table(pte->data.names.list, found);
  EW_TRY(check_layout(pte, ew_fb_sub(entry, NAMED_LAYOUT), key, value, err));
  EW_TRY(entry_range(pte, entry, key, out_offset, &size, err));
  EW_CHECK(bytes <= size, err, EW_INVALID_EXTERNAL_DATA,
           "data file: tensor '%.100s' has %llu bytes, needs %zu", key, (unsigned long long)size,
           bytes);
  return EW_OK;
}
