/* ExecuTorch `.pte` files, read front to back: header, program (metadata), then the head of each delegate
 * payload, then weights. Format facts: executorch/schema/program.fbs and
 * backends/xnnpack/serialization/schema.fbs; ExecuTorch 0.2 to 1.4 are read. */
#ifndef EW_FORMAT_PTE_H
#define EW_FORMAT_PTE_H

#include "format/format.h"

extern const ew_format ew_format_pte;

#endif
