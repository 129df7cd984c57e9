/* The letters of a kernel's signature (kernel.h), read in one place. */
#ifndef EW_KERNELS_SIGNATURE_H
#define EW_KERNELS_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

/* No row has more arguments, or outputs (kernels_test counts). */
enum { EW_SIGNATURE_MAX = 16 };

typedef enum ew_parameter_role {
  EW_PARAMETER_TENSOR, /* one input or output */
  EW_PARAMETER_LIST,   /* any number of them */
  EW_PARAMETER_ATTR,   /* an attribute */
  EW_PARAMETER_SCALAR  /* output: a symbolic integer */
} ew_parameter_role;

/* What an attribute may be, as bits. */
enum {
  EW_ACCEPTS_INT = 1,
  EW_ACCEPTS_BOOL = 2,
  EW_ACCEPTS_DOUBLE = 4,
  EW_ACCEPTS_STRING = 8,
  EW_ACCEPTS_INTS = 16,
  EW_ACCEPTS_DOUBLES = 32,
  EW_ACCEPTS_BOOLS = 64
};

typedef struct ew_parameter {
  uint8_t role;    /* ew_parameter_role */
  bool optional;   /* may be absent; of a list: its items may */
  bool is_double;  /* an int is turned into a double */
  bool is_int;     /* a bool is turned into an int */
  uint8_t accepts; /* EW_ACCEPTS_* */
} ew_parameter;

typedef struct ew_signature {
  uint32_t num_parameters, num_outputs;
  uint32_t num_tensors; /* parameters of role TENSOR or LIST */
  ew_parameter parameters[EW_SIGNATURE_MAX];
  ew_parameter outputs[EW_SIGNATURE_MAX];
} ew_signature;

/* text is a row's: trusted. */
void ew_signature_parse(const char *text, ew_signature *out);

/* True when input i of a call with num_inputs inputs may be absent: one that has an optional letter, or is an
 * item of a list of optional tensors. */
bool ew_signature_input_is_optional(const ew_signature *signature, uint32_t i, uint32_t num_inputs);

#endif
