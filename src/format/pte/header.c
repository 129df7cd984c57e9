/* The two headers of a `.pte`: that of the file, and that of a payload. */
#include <string.h>

#include "format/pte/internal.h"

enum { XH_BYTES = 30 };

/* Behind the magic at byte 8: length u32, then u64s: size of the program, start and (from length 32 on) size of
 * the segments. */
static ew_status read_extended_header(ew_bytes bytes, uint64_t file_size, pte_header *out,
                                      ew_error *err) {
  const uint32_t length = ew_load_u32(bytes.data + 12);
  EW_CHECK(length >= 24, err, EW_INVALID_PROGRAM,
           "program: the extended header states %u bytes, needs 24", length);
  out->program_size = ew_load_u64(bytes.data + 16);
  out->block_base = ew_load_u64(bytes.data + 24);
  if (length >= 32) out->block_data_size = ew_load_u64(bytes.data + 32);
  EW_CHECK(out->program_size >= 40 && out->program_size <= file_size, err, EW_INVALID_PROGRAM,
           "program: the header states a program of %llu bytes, the file has %llu",
           (unsigned long long)out->program_size, (unsigned long long)file_size);
  EW_CHECK(out->program_size <= EW_MAX_TENSOR_BYTES, err, EW_OUT_OF_RESOURCES,
           "program: %llu bytes of metadata exceed the limit of 1 GiB",
           (unsigned long long)out->program_size);
  EW_CHECK(out->block_base == 0 || out->block_base >= out->program_size, err, EW_INVALID_PROGRAM,
           "program: the segments at %llu overlap the program of %llu bytes",
           (unsigned long long)out->block_base, (unsigned long long)out->program_size);
  EW_CHECK(
      ew_in_range(out->block_base, out->block_data_size, file_size), err, EW_INVALID_PROGRAM,
      "program: the segments at %llu (%llu bytes) leave the file of %llu bytes; is it truncated?",
      (unsigned long long)out->block_base, (unsigned long long)out->block_data_size,
      (unsigned long long)file_size);
  return EW_OK;
}

ew_status pte_read_header(ew_bytes bytes, uint64_t file_size, pte_header *out, ew_error *err) {
  EW_CHECK(bytes.size >= 40, err, EW_INVALID_PROGRAM,
           "program: the file has only %zu bytes; a model has at least 40", bytes.size);
  *out = (pte_header){.program_size = file_size};
  if (memcmp(bytes.data + 8, "eh00", 4) != 0) {
    EW_CHECK(file_size != UINT64_MAX, err, EW_INVALID_PROGRAM,
             "program: the size of a model without extended header must be known in advance");
    return EW_OK;
  }
  return read_extended_header(bytes, file_size, out, err);
}

/* Behind the magic: length u16, start and size of the flatbuffer u32, start of the constants u32 and size u64. */
ew_status pte_read_payload_header(ew_bytes head, uint32_t index, uint64_t payload_size,
                                  pte_payload_header *out, ew_error *err) {
  /* Without header the payload is a bare flatbuffer that holds its weights. */
  *out = (pte_payload_header){.graph_size = payload_size};
  if (head.size < 8 || memcmp(head.data + 4, "XH00", 4) != 0) return EW_OK;
  EW_CHECK(head.size >= XH_BYTES, err, EW_INVALID_PROGRAM,
           "XNNPACK payload %u: %zu bytes are too few for its header", index, head.size);
  const uint16_t length = ew_load_u16(head.data + 8);
  const uint64_t start = ew_load_u32(head.data + 10);
  const uint64_t size = ew_load_u32(head.data + 14);
  const uint64_t constants = ew_load_u32(head.data + 18);
  const uint64_t constants_size = ew_load_u64(head.data + 22);
  EW_CHECK(length >= XH_BYTES, err, EW_INVALID_PROGRAM, "XNNPACK payload %u: header of %u bytes",
           index, length);
  EW_CHECK(start >= XH_BYTES && ew_in_range(start, size, payload_size), err, EW_INVALID_PROGRAM,
           "XNNPACK payload %u: graph at %llu (%llu bytes) leaves the payload of %llu bytes", index,
           (unsigned long long)start, (unsigned long long)size, (unsigned long long)payload_size);
  EW_CHECK(ew_in_range(constants, constants_size, payload_size), err, EW_INVALID_PROGRAM,
           "XNNPACK payload %u: constants at %llu (%llu bytes) leave the payload of %llu bytes",
           index, (unsigned long long)constants, (unsigned long long)constants_size,
           (unsigned long long)payload_size);
  EW_CHECK(constants_size == 0 || constants >= start + size, err, EW_INVALID_PROGRAM,
           "XNNPACK payload %u: constants at %llu overlap the graph", index,
           (unsigned long long)constants);
  *out = (pte_payload_header){.graph_offset = start,
                              .graph_size = size,
                              .constants_offset = constants,
                              .constants_size = constants_size};
  return EW_OK;
}
