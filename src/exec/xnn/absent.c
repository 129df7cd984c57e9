/* Stands in for the configurations of absent.def; linked in by --wrap (wasm/flags.cmake). XNNPACK takes NULL
 * for "this hardware has no such kernels". */
#include <stddef.h>

#define EW_ABSENT(name)            \
  const void *__wrap_##name(void); \
  const void *__wrap_##name(void) { return NULL; }
#include "exec/xnn/absent.def"
#undef EW_ABSENT
