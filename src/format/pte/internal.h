/* What the files of the `.pte` loader share. */
#ifndef EW_FORMAT_PTE_INTERNAL_H
#define EW_FORMAT_PTE_INTERNAL_H

#include "format/flatbuf.h"
#include "format/pte/pte.h"

enum { EW_PTE_PAYLOAD_HEAD_BYTES = 64 };

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
  uint8_t *data; /* memory of its first need bytes; NULL before, behind, and when inline */
} ew_pte_payload;

/* KernelTypes union of program.fbs. */
enum {
  PTE_NULL = 1,
  PTE_INT = 2,
  PTE_BOOL = 3,
  PTE_DOUBLE = 4,
  PTE_TENSOR = 5,
  PTE_STRING = 6,
  PTE_INT_LIST = 7,
  PTE_DOUBLE_LIST = 8,
  PTE_BOOL_LIST = 9,
  PTE_TENSOR_LIST = 10,
  PTE_OPTIONAL_TENSOR_LIST = 11
};

/* One EValue. */
typedef struct pte_evalue {
  uint8_t type;
  ew_fb_table table;
  uint32_t value;  /* graph value of a tensor; EW_NONE else */
  uint32_t scalar; /* graph value that an instruction has put in the place of an Int */
} pte_evalue;

/* Where a planned tensor lies in ExecuTorch's memory plan: tells which tensors are views. */
typedef struct pte_place {
  uint32_t memory_id; /* 0: not planned */
  uint64_t offset;
} pte_place;

/* A call of a delegate: a segment that is empty until the payload arrives. */
typedef struct pte_call {
  uint32_t payload;
  uint32_t num_args;
  uint32_t *args; /* graph values; EW_NONE for arguments that are not tensors */
  uint32_t segment;
} pte_call;

typedef struct ew_pte {
  ew_arena *arena;
  ew_graph *graph;
  const char *method;    /* asked for; NULL: "forward", else the only one */
  uint8_t *program_data; /* the flatbuffer, header.program_size bytes */
  ew_format_range *wants;
  uint32_t num_wants, wants_given, cap_wants;
  uint32_t payloads_pending; /* whose graphs have not been read */
  uint32_t current_payload;  /* whose bytes are here until they are released; EW_NONE */
  ew_fb fb;
  ew_pte_header header;
  uint64_t file_size;
  ew_fb_table program;
  ew_fb_vector segments; /* DataSegment */
  ew_fb_vector named_data;
  uint32_t *names; /* hash table of named_data: index + 1, 0 = free slot */
  uint32_t names_mask;
  uint32_t num_methods;
  const char **method_names;
  ew_fb_table plan; /* the chosen method */
  pte_evalue *evalues;
  uint32_t num_evalues;
  pte_place *places; /* per graph value that comes from an EValue */
  uint32_t num_places;
  ew_pte_payload *payloads;
  uint32_t num_payloads;
  uint32_t *delegate_payload; /* delegate index -> payload */
  uint32_t num_delegates;
  pte_call *calls;
  uint32_t num_calls;
} ew_pte;

/* pte.c: reads the header from the file's head. */
ew_status pte_read_header(ew_bytes bytes, uint64_t file_size, ew_pte_header *out, ew_error *err);
/* pte.c: checks the program whole, adds the method's values and kernel nodes to the graph. */
ew_status pte_parse(ew_pte *pte, ew_error *err);
/* pte.c: reads the head of a payload (min(EW_PTE_PAYLOAD_HEAD_BYTES, size) bytes) and sets need. */
ew_status pte_read_payload_head(ew_pte *pte, uint32_t index, ew_bytes head, ew_error *err);
/* pte.c: inlines a payload (its first need bytes) as one segment per call of the delegate. */
ew_status pte_inline_payload(ew_pte *pte, uint32_t index, ew_bytes bytes, ew_error *err);
/* pte.c: after all payloads, puts the steps in order and makes views explicit that the exporter left to
 * its memory plan. */
ew_status pte_order_steps(ew_pte *pte, ew_error *err);

/* pte.c: absolute range of segment index; checks it against the file. */
ew_status pte_segment_range(ew_pte *pte, uint32_t index, const char *what, uint64_t *out_offset,
                            uint64_t *out_size, ew_error *err);
/* pte.c: absolute range of the named blob with this key. */
ew_status pte_named_range(ew_pte *pte, const char *key, uint64_t *out_offset, uint64_t *out_size,
                          ew_error *err);
/* values.c: adds a graph value for every tensor of the plan. */
ew_status pte_read_evalues(ew_pte *pte, ew_error *err);
/* values.c: method inputs and outputs. */
ew_status pte_read_inputs(ew_pte *pte, ew_error *err);
ew_status pte_read_outputs(ew_pte *pte, ew_error *err);
/* plan.c: instructions -> kernel nodes, delegate calls, steps. */
ew_status pte_read_instructions(ew_pte *pte, ew_error *err);
/* payload.c: one call of a payload -> one segment. */
ew_status pte_inline_call(ew_pte *pte, const ew_pte_payload *payload, ew_bytes bytes,
                          pte_call *call, ew_error *err);

#endif
