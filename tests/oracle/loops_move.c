/* Operators that move elements. */
#include "oracle/loops.h"

#include <math.h>

static void move(const oracle_tensor *from, size_t at_from, oracle_tensor *to, size_t at_to) {
  to->value[at_to] = from->value[at_from];
  to->slack[at_to] = from->slack[at_from];
}

static size_t index_of(const oracle_tensor *tensor, const size_t *index) {
  return oracle_broadcast_index(tensor, index, tensor->rank);
}

void oracle_copy(const oracle_call *call) {
  for (size_t i = 0; i < call->out->count; i++) move(&call->in[0], i, call->out, i);
}

void oracle_transpose(const oracle_call *call) {
  const oracle_tensor *in = &call->in[0];
  size_t index[EW_MAX_RANK] = {0}, from[EW_MAX_RANK] = {0}, i = 0;
  do {
    for (uint32_t d = 0; d < in->rank; d++) from[call->params->shape[d]] = index[d];
    move(in, index_of(in, from), call->out, i++);
  } while (oracle_next_index(index, call->out->dims, in->rank));
}

void oracle_slice(const oracle_call *call) {
  const oracle_tensor *in = &call->in[0];
  size_t index[EW_MAX_RANK] = {0}, from[EW_MAX_RANK] = {0}, i = 0;
  do {
    for (uint32_t d = 0; d < in->rank; d++) from[d] = index[d] + call->params->shape[d];
    move(in, index_of(in, from), call->out, i++);
  } while (oracle_next_index(index, call->out->dims, in->rank));
}

void oracle_pad(const oracle_call *call) {
  const oracle_tensor *in = &call->in[0];
  oracle_tensor *out = call->out;
  for (size_t i = 0; i < out->count; i++) {
    out->value[i] = call->params->alpha;
    out->slack[i] = 0;
  }
  /* The padding value may be none of an 8-bit type. */
  if (out->dtype != EW_F32) oracle_settle(out, ORACLE_ROUNDED);
  size_t index[EW_MAX_RANK] = {0}, to[EW_MAX_RANK] = {0}, i = 0;
  do {
    for (uint32_t d = 0; d < in->rank; d++) to[d] = index[d] + call->params->shape[d];
    move(in, i++, out, index_of(out, to));
  } while (oracle_next_index(index, in->dims, in->rank));
}

void oracle_concatenate(const oracle_call *call) {
  const uint32_t axis = call->params->axis;
  size_t offset = 0;
  for (uint32_t k = 0; k < call->num_inputs; k++) {
    const oracle_tensor *in = &call->in[k];
    size_t index[EW_MAX_RANK] = {0}, to[EW_MAX_RANK] = {0}, i = 0;
    do {
      for (uint32_t d = 0; d < in->rank; d++) to[d] = index[d] + (d == axis ? offset : 0);
      move(in, i++, call->out, index_of(call->out, to));
    } while (oracle_next_index(index, in->dims, in->rank));
    offset += in->dims[axis];
  }
}
