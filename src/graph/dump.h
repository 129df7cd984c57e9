#ifndef EW_GRAPH_DUMP_H
#define EW_GRAPH_DUMP_H

#include "base/text.h"
#include "graph/ir.h"

/* Appends a stable text form, one line per value and node, for goldens and bug reports. */
void ew_graph_dump(const ew_graph *graph, ew_text *text);

#endif
