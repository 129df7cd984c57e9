/* Elementwise operators that XNNPACK does not have, run by its machinery: they are defined as operators of an
 * invalid kind, for which it asks its "reference configurations", and the linker puts ours in front of those. */
#ifndef EW_EXEC_XNN_OWN_OPERATORS_H
#define EW_EXEC_XNN_OWN_OPERATORS_H

#include <xnnpack.h>

/* As in XNNPACK. Counts are in bytes. */
struct xnn_unary_elementwise_config {
  void (*ukernel)(size_t count, const void *in, void *out, const void *uparams);
  size_t (*init)(void *uparams, const union xnn_unary_params *params,
                 const struct xnn_quantization_params *in,
                 const struct xnn_quantization_params *out);
};

typedef void ew_xnn_binary_kernel(size_t count, const void *a, const void *b, void *out,
                                  const void *uparams);

struct xnn_binary_elementwise_config {
  ew_xnn_binary_kernel *op_ukernel, *opc_ukernel, *ropc_ukernel; /* b, or a, is one element */
  size_t (*init)(void *uparams, const struct xnn_quantization_params *a,
                 const struct xnn_quantization_params *b,
                 const struct xnn_quantization_params *out);
  size_t element_tile;
};

/* Bytes by a table (tables.c). */
extern const struct xnn_unary_elementwise_config ew_xnn_table_config;

#endif
