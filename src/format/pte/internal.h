/* What the files of the `.pte` reader share. */
#ifndef EW_FORMAT_PTE_INTERNAL_H
#define EW_FORMAT_PTE_INTERNAL_H

#include "base/map.h"
#include "format/flatbuf.h"
#include "format/format.h"
#include "kernels/kernel.h"
#include "kernels/signature.h"

/* --- header.c ------------------------------------------------------------------------------------- */

/* The file's header. */
typedef struct pte_header {
  uint64_t program_size; /* bytes from 0 that hold the flatbuffer; the whole file without header */
  uint64_t block_base;   /* absolute; 0: no segments */
  uint64_t block_data_size; /* 0: not stated (ExecuTorch <= 0.7) */
} pte_header;

/* A payload's header; offsets from the start of the payload. */
typedef struct pte_payload_header {
  uint64_t graph_offset, graph_size;
  uint64_t constants_offset, constants_size;
} pte_payload_header;

/* From the file's first bytes (fewer than EW_FORMAT_HEAD_BYTES only if it is shorter). */
ew_status pte_read_header(ew_bytes bytes, uint64_t file_size, pte_header *out, ew_error *err);
/* From the first bytes of payload number index (fewer than 64 only if it is shorter). */
ew_status pte_read_payload_header(ew_bytes head, uint32_t index, uint64_t payload_size,
                                  pte_payload_header *out, ew_error *err);

/* --- one file ------------------------------------------------------------------------------------- */

/* A list of tables that begin with a name. */
typedef struct pte_names {
  ew_fb_vector list;
  ew_map map; /* hash of the name -> index; made when one is looked for */
} pte_names;

enum { PTE_DATA_HEAD = 48 };

/* A data file beside the model. */
typedef struct pte_data_file {
  uint64_t size; /* bytes; 0: there is none */
  bool is_read;  /* its metadata */
  uint8_t head[PTE_DATA_HEAD];
  uint8_t *metadata; /* its first metadata_size bytes */
  size_t metadata_size;
  uint64_t block_base, block_size; /* in the data file */
  ew_fb fb;
  ew_fb_vector blocks; /* DataSegment */
  pte_names names;     /* NamedData */
} pte_data_file;

/* A delegate payload of the chosen method. */
typedef struct pte_payload {
  uint64_t offset, size; /* in the file */
  bool has_header;       /* it has been read */
  pte_payload_header header;
  uint8_t *data; /* its first have bytes; NULL before, behind, and when it is inline */
  size_t have;
} pte_payload;

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

/* InstructionArguments union of program.fbs. */
enum {
  PTE_KERNEL_CALL = 1,
  PTE_DELEGATE_CALL = 2,
  PTE_MOVE_CALL = 3,
  PTE_JUMP_FALSE_CALL = 4,
  PTE_FREE_CALL = 5
};

/* One EValue. */
typedef struct pte_evalue {
  uint8_t type;
  ew_fb_table table;
  uint32_t value;  /* graph value of a tensor; EW_NONE else */
  uint32_t scalar; /* graph value that a call has put in the place of an Int or Double */
  bool is_known;   /* a call has put `number` in the place of an Int or Bool */
  int64_t number;
} pte_evalue;

/* Where a planned tensor lies in ExecuTorch's memory plan: tells which tensors are views. */
typedef struct pte_place {
  uint32_t memory_id; /* 0: not planned */
  uint64_t offset;
} pte_place;

/* An operator that the method calls. */
typedef struct pte_operator {
  const ew_kernel *kernel;
  ew_signature signature;
} pte_operator;

/* A call of a delegate: a segment that is empty until the payload arrives. */
typedef struct pte_call {
  uint32_t payload;
  uint32_t num_args;
  uint32_t *args; /* graph values; EW_NONE for arguments that are not tensors */
  uint32_t segment;
} pte_call;

typedef struct pte_file {
  ew_arena *arena;
  ew_graph *graph;
  uint64_t file_size; /* of the model: a data file lies behind */
  const char *method; /* asked for; NULL: "forward", else the only one */
  pte_header header;
  pte_data_file data;
  uint8_t *program_data; /* the flatbuffer, header.program_size bytes */
  /* Reading. */
  ew_format_range *wants;
  uint32_t num_wants, wants_given;
  bool has_program;
  uint32_t payloads_pending; /* whose graphs have not been read */
  uint32_t current_payload;  /* whose bytes are here until they are released; EW_NONE */
  /* The program. */
  ew_fb fb;
  ew_fb_table program;
  ew_fb_vector blocks; /* DataSegment */
  pte_names names;     /* NamedData */
  uint32_t num_methods;
  const char **method_names;
  /* The chosen method. */
  ew_fb_table plan;
  pte_evalue *evalues;
  uint32_t num_evalues;
  pte_place *places; /* per graph value that comes from an EValue */
  uint32_t num_places;
  pte_payload *payloads;
  uint32_t num_payloads;
  uint32_t *delegate_payload; /* delegate index -> payload */
  uint32_t num_delegates;
  pte_operator *operators;
  uint32_t num_operators;
  pte_call *calls;
  uint32_t num_calls, cap_calls;
  uint32_t branch; /* that the instruction being read belongs to; 0: none */
} pte_file;

/* --- data.c: absolute ranges of the file, checked against it --------------------------------------- */

/* Block number index (a DataSegment); what opens error messages. */
ew_status pte_block_range(pte_file *pte, uint32_t index, const char *what, uint64_t *out_offset,
                          uint64_t *out_size, ew_error *err);
/* Constant number buffer, in the constant segment or (old files) inline, for value number index. */
ew_status pte_constant_range(pte_file *pte, uint32_t buffer, size_t bytes, uint32_t index,
                             uint64_t *out_offset, ew_error *err);
/* The first bytes of a mutable buffer. */
ew_status pte_state_range(pte_file *pte, uint32_t buffer, size_t bytes, uint32_t index,
                          uint64_t *out_offset, ew_error *err);
/* The entry with this name, the first of several; EW_NONE: there is none. */
ew_status pte_find_name(pte_file *pte, pte_names *names, const char *key, uint32_t *out_index,
                        ew_error *err);
/* The blob with this name, of the model or of the data file. */
ew_status pte_named_range(pte_file *pte, const char *key, uint64_t *out_offset, uint64_t *out_size,
                          ew_error *err);

/* --- ptd.c: the data file -------------------------------------------------------------------------- */

/* data->head has been read; sets metadata_size. */
ew_status pte_read_data_header(pte_data_file *data, ew_error *err);
/* data->metadata has been read. */
ew_status pte_read_data_metadata(pte_file *pte, ew_error *err);
/* The blob with this name; *out_found false: the data file, if there is one, has none. */
ew_status pte_data_range(pte_file *pte, const char *key, bool *out_found, uint64_t *out_offset,
                         uint64_t *out_size, ew_error *err);
/* The tensor with this name, which must be as value says; bytes: that it needs. */
ew_status pte_external_range(pte_file *pte, const char *key, const ew_value *value, size_t bytes,
                             uint64_t *out_offset, ew_error *err);

/* --- the program ---------------------------------------------------------------------------------- */

/* method.c: checks the program whole, adds the method's values, kernel nodes and steps to the graph. */
ew_status pte_read_program(pte_file *pte, ew_error *err);
/* values.c: adds a graph value for every tensor of the plan. */
ew_status pte_read_evalues(pte_file *pte, ew_error *err);
/* values.c: method inputs and outputs. */
ew_status pte_read_inputs(pte_file *pte, ew_error *err);
ew_status pte_read_outputs(pte_file *pte, ew_error *err);
/* plan.c: the operators that the method calls. */
ew_status pte_read_operators(pte_file *pte, ew_error *err);
/* flow.c: instructions -> kernel nodes, delegate calls, steps. */
ew_status pte_read_chains(pte_file *pte, ew_error *err);
/* plan.c: one instruction that is no jump; the number is for messages. */
ew_status pte_read_instruction(pte_file *pte, ew_fb_table entry, uint32_t instruction,
                               ew_error *err);
/* call.c: one kernel call -> a node and its step. args name values there are. */
ew_status pte_read_call(pte_file *pte, const pte_operator *op, ew_fb_vector args,
                        uint32_t instruction, ew_error *err);
/* call.c: a Bool as it is at this place of the method. */
ew_status pte_read_bool(pte_file *pte, const pte_evalue *evalue, int64_t *out);
/* call.c: appends a step to the branch that is being read; as ew_graph_add_step. */
ew_status pte_add_step(pte_file *pte, uint32_t segment, uint32_t node, ew_error *err);

/* --- behind the program --------------------------------------------------------------------------- */

/* payload.c: a payload (its bytes up to the end of its graph) fills the segment of each call. */
ew_status pte_read_payload(pte_file *pte, uint32_t index, ew_bytes bytes, ew_error *err);
/* order.c: after all payloads, makes views explicit that the exporter left to its memory plan. */
ew_status pte_order_steps(pte_file *pte, ew_error *err);

#endif
