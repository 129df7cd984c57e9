/* Which nodes an executor runs, and in which segments. */
#include "exec/partition.h"

#include <string.h>

#include "exec/half.h"
#include "exec/via_float.h"
#include "graph/kernel.h"
#include "graph/segment.h"

typedef struct partitioner {
  const ew_executor_ops *ops;
  ew_graph *graph;
  uint32_t *readers; /* per value: how many operands and outputs of the method name it */
  uint32_t *inside;  /* per value: those of them that belong to the segment being made */
  uint32_t *writer;  /* per value: the segment made here that writes it, or EW_NONE */
  uint32_t *listed;  /* per value: the last segment that lists it as an input, or EW_NONE */
  ew_error *err;
} partitioner;

static void count_reads(uint32_t *counts, const uint32_t *values, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (values[i] != EW_NONE) counts[values[i]]++;
  }
}

static void find_readers(partitioner *p) {
  const ew_graph *graph = p->graph;
  for (uint32_t s = 0; s < graph->num_steps; s++) {
    const ew_step step = graph->steps[s];
    if (step.segment == EW_NONE) {
      count_reads(p->readers, graph->nodes[step.node].inputs, graph->nodes[step.node].num_inputs);
    } else {
      const ew_segment *segment = &graph->segments[step.segment];
      count_reads(p->readers, segment->inputs, segment->num_inputs);
    }
  }
  count_reads(p->readers, graph->outputs, graph->num_outputs);
  for (uint32_t b = 1; b <= graph->num_branches; b++) {
    count_reads(p->readers, &graph->branches[b].condition, 1);
  }
}

/* --- single nodes -------------------------------------------------------------------------------- */

static bool is_op_step(const ew_graph *graph, ew_step step) {
  return step.segment == EW_NONE && graph->nodes[step.node].op < EW_OP_KERNEL;
}

/* The node runs outside of the executor. */
static void use_kernel(ew_node *node) {
  node->op = node->kernel->flags & EW_KERNEL_VIEW ? EW_OP_VIEW : EW_OP_KERNEL;
}

static ew_status choose_runner(partitioner *p, ew_node *node) {
  ew_error reason;
  ew_error *err = node->kernel == NULL ? p->err : &reason;
  const ew_status status = p->ops->supports(p->graph, node, err);
  if (status == EW_OK || node->kernel == NULL) return status;
  use_kernel(node);
  return EW_OK;
}

static bool is_used(const partitioner *p, const ew_node *node) {
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    const uint32_t value = node->outputs[i];
    if (p->readers[value] > 0 || (p->graph->values[value].flags & EW_VALUE_STATE)) return true;
  }
  return false;
}

/* Removes the steps of nodes without use, last first, so that what served only them goes, too. */
static void remove_unused(partitioner *p) {
  ew_graph *graph = p->graph;
  uint32_t kept = graph->num_steps;
  for (uint32_t s = graph->num_steps; s-- > 0;) {
    const ew_step step = graph->steps[s];
    if (is_op_step(graph, step) && !is_used(p, &graph->nodes[step.node])) {
      ew_node *node = &graph->nodes[step.node];
      for (uint32_t i = 0; i < node->num_inputs; i++) {
        if (node->inputs[i] != EW_NONE) p->readers[node->inputs[i]]--;
      }
      *node = (ew_node){.op = EW_OP_REMOVED, .segment = EW_NONE};
    } else {
      graph->steps[--kept] = step;
    }
  }
  graph->num_steps -= kept;
  memmove(graph->steps, graph->steps + kept, graph->num_steps * sizeof *graph->steps);
}

/* --- runs of nodes ------------------------------------------------------------------------------- */

static bool leaves(const partitioner *p, uint32_t value) {
  return p->readers[value] > p->inside[value] || (p->graph->values[value].flags & EW_VALUE_STATE);
}

static void list_inputs(partitioner *p, uint32_t segment, const ew_node *node) {
  ew_segment *s = &p->graph->segments[segment];
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    const uint32_t value = node->inputs[i];
    if (value == EW_NONE || p->graph->values[value].constant != EW_NONE) continue;
    if (p->writer[value] == segment || p->listed[value] == segment) continue;
    p->listed[value] = segment;
    s->inputs[s->num_inputs++] = value;
  }
}

static ew_status list_operands(partitioner *p, uint32_t segment) {
  ew_graph *graph = p->graph;
  ew_segment *s = &graph->segments[segment];
  uint32_t operands = 0, results = 0;
  for (uint32_t n = 0; n < s->num_nodes; n++) {
    operands += ew_segment_node(graph, segment, n)->num_inputs;
    results += ew_segment_node(graph, segment, n)->num_outputs;
  }
  EW_TRY(ew_arena_alloc(graph->arena, operands, sizeof *s->inputs, &s->inputs, p->err));
  EW_TRY(ew_arena_alloc(graph->arena, results, sizeof *s->outputs, &s->outputs, p->err));
  for (uint32_t n = 0; n < s->num_nodes; n++) {
    const ew_node *node = ew_segment_node(graph, segment, n);
    count_reads(p->inside, node->inputs, node->num_inputs);
    list_inputs(p, segment, node);
    for (uint32_t i = 0; i < node->num_outputs; i++) p->writer[node->outputs[i]] = segment;
  }
  for (uint32_t n = 0; n < s->num_nodes; n++) {
    const ew_node *node = ew_segment_node(graph, segment, n);
    for (uint32_t i = 0; i < node->num_outputs; i++) {
      if (leaves(p, node->outputs[i])) s->outputs[s->num_outputs++] = node->outputs[i];
    }
  }
  return EW_OK;
}

/* Steps [first, end) become a segment. */
static ew_status make_segment(partitioner *p, uint32_t first, uint32_t end, uint32_t *out_id) {
  EW_TRY(ew_graph_add_segment(p->graph, out_id, p->err));
  for (uint32_t s = first; s < end; s++) {
    EW_TRY(ew_segment_add_node(p->graph, *out_id, p->graph->steps[s].node, p->err));
  }
  return list_operands(p, *out_id);
}

static ew_status group(partitioner *p) {
  ew_graph *graph = p->graph;
  uint32_t kept = 0;
  for (uint32_t s = 0; s < graph->num_steps;) {
    uint32_t end = s, id = EW_NONE;
    const uint32_t branch = graph->steps[s].branch;
    while (end < graph->num_steps && is_op_step(graph, graph->steps[end]) &&
           graph->steps[end].branch == branch) {
      end++;
    }
    if (end == s) {
      graph->steps[kept++] = graph->steps[s++];
      continue;
    }
    EW_TRY(make_segment(p, s, end, &id));
    graph->steps[kept++] = (ew_step){.segment = id, .node = EW_NONE, .branch = branch};
    s = end;
  }
  graph->num_steps = kept;
  return EW_OK;
}

static ew_status partition(partitioner *p, ew_arena *scratch) {
  const ew_graph *graph = p->graph;
  const uint32_t values = graph->num_values;
  EW_TRY(ew_arena_alloc(scratch, values, sizeof *p->readers, &p->readers, p->err));
  EW_TRY(ew_arena_alloc(scratch, values, sizeof *p->inside, &p->inside, p->err));
  EW_TRY(ew_arena_alloc(scratch, values, sizeof *p->writer, &p->writer, p->err));
  EW_TRY(ew_arena_alloc(scratch, values, sizeof *p->listed, &p->listed, p->err));
  memset(p->writer, 0xff, values * sizeof *p->writer);
  memset(p->listed, 0xff, values * sizeof *p->listed);
  find_readers(p);
  remove_unused(p);
  for (uint32_t s = 0; s < graph->num_steps; s++) {
    if (!is_op_step(graph, graph->steps[s])) continue;
    EW_TRY(choose_runner(p, &graph->nodes[graph->steps[s].node]));
  }
  return group(p);
}

ew_status ew_partition_nodes(const ew_executor_ops *ops, ew_graph *graph, ew_error *err) {
  bool any = false;
  for (uint32_t s = 0; s < graph->num_steps; s++) any |= is_op_step(graph, graph->steps[s]);
  if (!any) return EW_OK;
  EW_TRY(ew_via_float(ops, graph, err));
  ew_arena scratch;
  ew_arena_init(&scratch);
  partitioner p = {.ops = ops, .graph = graph, .err = err};
  const ew_status status = partition(&p, &scratch);
  ew_arena_free(&scratch);
  return status;
}

ew_status ew_partition_adopt(ew_executor *executor, ew_graph *graph, uint32_t segment,
                             bool optimise, ew_error *err) {
  const ew_executor_ops *ops = executor->ops;
  EW_TRY(ew_widen_half(ops, graph, segment, err));
  for (uint32_t i = 0; i < graph->segments[segment].num_nodes; i++) {
    EW_TRY(ops->supports(graph, ew_segment_node(graph, segment, i), err));
  }
  if (ops->refine == NULL) return EW_OK;
  return ops->refine(executor, graph, segment, optimise, err);
}
