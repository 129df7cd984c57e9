/* Where the data of a `.pte` lies: blocks, constants in them or inline, data with names. The format and messages call a block a
 * segment; here that is what an executor runs. */

#include "format/pte/internal.h"

/* Field numbers of program.fbs. */
enum { PROGRAM_CONSTANT_BUFFER = 2, PROGRAM_CONSTANT_BLOCK = 5, PROGRAM_MUTABLE_BLOCKS = 6 };

ew_status pte_block_range(pte_file *pte, uint32_t index, const char *what, uint64_t *out_offset,
                          uint64_t *out_size, ew_error *err) {
  EW_CHECK(pte->header.block_base != 0, err, EW_INVALID_PROGRAM,
           "%s: names segment %u, but the file has no segments", what, index);
  EW_CHECK(index < pte->blocks.count, err, EW_INVALID_PROGRAM, "%s: names segment %u of %u", what,
           index, pte->blocks.count);
  const ew_fb_table block = ew_fb_vec_table(pte->blocks, index);
  const uint64_t offset = ew_fb_u64(block, 0);
  const uint64_t size = ew_fb_u64(block, 1);
  EW_TRY(ew_fb_status(&pte->fb));
  const uint64_t room = pte->header.block_data_size != 0 ? pte->header.block_data_size
                                                         : pte->file_size - pte->header.block_base;
  EW_CHECK(ew_in_range(offset, size, room), err, EW_INVALID_PROGRAM,
           "%s: segment %u (offset %llu, %llu bytes) leaves the file; is it truncated?", what,
           index, (unsigned long long)offset, (unsigned long long)size);
  *out_offset = pte->header.block_base + offset;
  *out_size = size;
  return EW_OK;
}

/* --- constants of the method --------------------------------------------------------------------- */

/* Size of entry buffer of a SubsegmentOffsets table, and its absolute file offset. */
static ew_status block_part(pte_file *pte, ew_fb_table table, uint32_t buffer, size_t bytes,
                            uint32_t index, uint64_t *out_offset, ew_error *err) {
  const ew_fb_vector offsets = ew_fb_vec(table, 1, 8);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(buffer < offsets.count, err, EW_INVALID_PROGRAM, "value %u: names data %u of %u", index,
           buffer, offsets.count);
  uint64_t start = 0, size = 0;
  EW_TRY(pte_block_range(pte, ew_fb_u32(table, 0), "constants", &start, &size, err));
  const uint64_t offset = ew_fb_vec_u64(offsets, buffer);
  EW_CHECK(ew_in_range(offset, bytes, size), err, EW_INVALID_PROGRAM,
           "value %u: its %zu bytes at %llu leave the segment of %llu bytes", index, bytes,
           (unsigned long long)offset, (unsigned long long)size);
  *out_offset = start + offset;
  return EW_OK;
}

ew_status pte_constant_range(pte_file *pte, uint32_t buffer, size_t bytes, uint32_t index,
                             uint64_t *out_offset, ew_error *err) {
  const ew_fb_table block = ew_fb_sub(pte->program, PROGRAM_CONSTANT_BLOCK);
  const ew_fb_vector offsets = ew_fb_vec(block, 1, 8);
  EW_TRY(ew_fb_status(&pte->fb));
  if (offsets.count > 0) return block_part(pte, block, buffer, bytes, index, out_offset, err);
  const ew_fb_vector buffers = ew_fb_vec(pte->program, PROGRAM_CONSTANT_BUFFER, 4);
  EW_CHECK(buffer < buffers.count, err, EW_INVALID_PROGRAM, "value %u: names constant %u of %u",
           index, buffer, buffers.count);
  const ew_fb_vector storage = ew_fb_vec(ew_fb_vec_table(buffers, buffer), 0, 1);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(storage.count >= bytes, err, EW_INVALID_PROGRAM,
           "value %u: its constant has %u bytes, the shape needs %zu", index, storage.count, bytes);
  *out_offset = storage.position;
  return EW_OK;
}

ew_status pte_state_range(pte_file *pte, uint32_t buffer, size_t bytes, uint32_t index,
                          uint64_t *out_offset, ew_error *err) {
  /* As the ExecuTorch runtime does, always the first list of mutable segments. */
  const ew_fb_vector lists = ew_fb_vec(pte->program, PROGRAM_MUTABLE_BLOCKS, 4);
  EW_CHECK(lists.count > 0, err, EW_INVALID_PROGRAM, "value %u: the file has no mutable data",
           index);
  return block_part(pte, ew_fb_vec_table(lists, 0), buffer, bytes, index, out_offset, err);
}

/* --- named data ---------------------------------------------------------------------------------- */

ew_status pte_named_range(pte_file *pte, const char *key, uint64_t *out_offset, uint64_t *out_size,
                          ew_error *err) {
  uint32_t found = EW_NONE;
  bool external = false;
  EW_TRY(pte_find_name(pte, &pte->names, key, &found, err));
  if (found != EW_NONE) {
    const ew_fb_table entry = ew_fb_vec_table(pte->names.list, found);
    return pte_block_range(pte, ew_fb_u32(entry, 1), "named data", out_offset, out_size, err);
  }
  EW_TRY(pte_data_range(pte, key, &external, out_offset, out_size, err));
  EW_CHECK(external, err, EW_INVALID_EXTERNAL_DATA, "weight '%.100s' is not in the file%s", key,
           pte->data.size > 0 ? " and not in its data file; do the two belong together?"
                              : "; models with external weights (.ptd) need their data file: "
                                "export without external constants");
  return EW_OK;
}
