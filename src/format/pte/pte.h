/* ExecuTorch `.pte` files.
 *
 * A file is read front to back: header, program (metadata), then the head of each delegate payload,
 * then weights. The caller supplies the bytes of each stage; ranges that are needed later are recorded
 * in the graph's constants. Format facts: executorch/schema/program.fbs and
 * backends/xnnpack/serialization/schema.fbs; ExecuTorch 0.2 to 1.4 are read. */
#ifndef EW_FORMAT_PTE_H
#define EW_FORMAT_PTE_H

#include "base/bytes.h"
#include "graph/graph.h"

enum { EW_PTE_HEADER_BYTES = 64, EW_PTE_PAYLOAD_HEAD_BYTES = 64 };

typedef struct ew_pte_header {
  uint64_t program_size; /* bytes from 0 that hold the flatbuffer; the whole file without header */
  uint64_t segment_base; /* absolute; 0: no segments */
  uint64_t segment_data_size; /* 0: not stated (ExecuTorch <= 0.7) */
} ew_pte_header;

/* A delegate payload of the chosen method. */
typedef struct ew_pte_payload {
  uint64_t offset; /* in the file */
  uint64_t size;
  uint64_t need; /* bytes from offset that must be read: the head first, then what it asks for */
  bool inlined;
} ew_pte_payload;

typedef struct ew_pte ew_pte;

/* True when the bytes (at least 8) carry the `.pte` magic. */
bool ew_pte_sniff(ew_bytes bytes);

/* Reads the header from the first EW_PTE_HEADER_BYTES bytes (fewer only if the file is shorter).
 * file_size UINT64_MAX = unknown. */
ew_status ew_pte_read_header(ew_bytes bytes, uint64_t file_size, ew_pte_header *out, ew_error *err);

/* Parses the program: checks it whole, adds the method's values and kernel nodes to graph.
 * program must outlive the ew_pte. method NULL: "forward", else the only one.
 * Errors: EW_OPERATOR_MISSING names every operator that is missing, EW_DELEGATE_INCOMPATIBLE names
 * foreign backends, EW_NOT_FOUND lists the methods there are. */
ew_status ew_pte_parse(ew_arena *arena, ew_bytes program, const ew_pte_header *header,
                       uint64_t file_size, const char *method, ew_graph *graph, ew_pte **out,
                       ew_error *err);

uint32_t ew_pte_num_methods(const ew_pte *pte);
const char *ew_pte_method_name(const ew_pte *pte, uint32_t index);

uint32_t ew_pte_num_payloads(const ew_pte *pte);
const ew_pte_payload *ew_pte_payload_at(const ew_pte *pte, uint32_t index);

/* Reads the head of a payload (min(EW_PTE_PAYLOAD_HEAD_BYTES, size) bytes) and sets need. */
ew_status ew_pte_read_payload_head(ew_pte *pte, uint32_t index, ew_bytes head, ew_error *err);

/* Inlines a payload (its first need bytes) as one segment per call of the delegate. Segments
 * [first, first + count) are new. The bytes may be dropped afterwards. */
ew_status ew_pte_inline_payload(ew_pte *pte, uint32_t index, ew_bytes bytes, uint32_t *out_first,
                                uint32_t *out_count, ew_error *err);

/* After all payloads: puts the steps in order and makes views explicit that the exporter left to its
 * memory plan. */
ew_status ew_pte_finish(ew_pte *pte, ew_error *err);

#endif
