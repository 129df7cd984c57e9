/* The letters of a kernel's signature. */
#include "kernels/signature.h"

enum {
  INT = EW_ACCEPTS_INT,
  BOOL = EW_ACCEPTS_BOOL,
  DOUBLE = EW_ACCEPTS_DOUBLE,
  ATTR = EW_PARAMETER_ATTR
};

/* Of attributes the small letters; their capitals are optional. */
static const struct {
  char letter;
  ew_parameter parameter;
} letters[] = {
    {'T', {.role = EW_PARAMETER_TENSOR}},
    {'t', {.role = EW_PARAMETER_TENSOR, .optional = true}},
    {'L', {.role = EW_PARAMETER_LIST}},
    {'O', {.role = EW_PARAMETER_LIST, .optional = true}},
    {'i', {.role = ATTR, .accepts = INT | BOOL, .is_int = true}},
    {'d', {.role = ATTR, .accepts = INT | DOUBLE, .is_double = true}},
    {'s', {.role = ATTR, .accepts = INT | BOOL | DOUBLE}},
    {'b', {.role = ATTR, .accepts = INT | BOOL}},
    {'n', {.role = ATTR, .accepts = EW_ACCEPTS_INTS}},
    {'m', {.role = ATTR, .accepts = EW_ACCEPTS_DOUBLES}},
    {'z', {.role = ATTR, .accepts = EW_ACCEPTS_STRING}},
    {'B', {.role = ATTR, .accepts = EW_ACCEPTS_BOOLS, .optional = true}},
};
enum { NUM_LETTERS = sizeof letters / sizeof letters[0] };

static uint32_t find_letter(char letter) {
  uint32_t i = 0;
  while (i < NUM_LETTERS && letters[i].letter != letter) i++;
  return i;
}

static ew_parameter parse_letter(char letter) {
  const uint32_t found = find_letter(letter);
  if (found < NUM_LETTERS) return letters[found].parameter;
  const uint32_t small = find_letter((char)(letter - 'A' + 'a'));
  ew_parameter parameter = {.role = ATTR};
  if (small < NUM_LETTERS) parameter = letters[small].parameter;
  parameter.optional = true;
  return parameter;
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
