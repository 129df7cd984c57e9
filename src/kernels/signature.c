/* The letters of a kernel's signature. */
#include "kernels/signature.h"

static ew_parameter parse_letter(char letter) {
  enum {
    INT = EW_ACCEPTS_INT,
    BOOL = EW_ACCEPTS_BOOL,
    DOUBLE = EW_ACCEPTS_DOUBLE,
    NUMBER = INT | BOOL | DOUBLE
  };
  const bool capital = letter >= 'A' && letter <= 'Z';
  const ew_parameter attr = {.role = EW_PARAMETER_ATTR, .optional = capital};
  ew_parameter p = attr;
  switch (letter) {
    case 'T':
      return (ew_parameter){.role = EW_PARAMETER_TENSOR};
    case 't':
      return (ew_parameter){.role = EW_PARAMETER_TENSOR, .optional = true};
    case 'L':
      return (ew_parameter){.role = EW_PARAMETER_LIST};
    case 'O':
      return (ew_parameter){.role = EW_PARAMETER_LIST, .optional = true};
    case 'i':
    case 'I':
      p.accepts = INT | BOOL;
      p.is_int = true;
      break;
    case 'd':
    case 'D':
      p.accepts = INT | DOUBLE;
      p.is_double = true;
      break;
    case 's':
    case 'S':
      p.accepts = NUMBER;
      break;
    case 'b':
      p.accepts = INT | BOOL;
      break;
    case 'n':
    case 'N':
      p.accepts = EW_ACCEPTS_INTS;
      break;
    case 'm':
    case 'M':
      p.accepts = EW_ACCEPTS_DOUBLES;
      break;
    case 'B':
      p.accepts = EW_ACCEPTS_BOOLS;
      break;
    default: /* z, Z */
      p.accepts = EW_ACCEPTS_STRING;
      break;
  }
  return p;
}

void ew_signature_parse(const char *text, ew_signature *out) {
  *out = (ew_signature){0};
  for (; *text != ':'; text++) {
    const ew_parameter p = parse_letter(*text);
    if (p.role != EW_PARAMETER_ATTR) out->num_tensors++;
    out->parameters[out->num_parameters++] = p;
  }
  for (text++; *text != '\0'; text++) {
    ew_parameter p = parse_letter(*text);
    if (p.role == EW_PARAMETER_ATTR) p.role = EW_PARAMETER_SCALAR;
    out->outputs[out->num_outputs++] = p;
  }
}

bool ew_signature_input_is_optional(const ew_signature *signature, uint32_t i,
                                    uint32_t num_inputs) {
  uint32_t first = 0; /* input of the parameter */
  for (uint32_t p = 0; p < signature->num_parameters; p++) {
    const ew_parameter *parameter = &signature->parameters[p];
    if (parameter->role == EW_PARAMETER_ATTR) continue;
    /* A list has what the others leave. */
    const uint32_t count =
        parameter->role == EW_PARAMETER_LIST ? num_inputs + 1 - signature->num_tensors : 1;
    if (i < first + count) return parameter->optional;
    first += count;
  }
  return false;
}
