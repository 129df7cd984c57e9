/* The text form of a graph. */
#include <math.h>

#include "graph/dump.h"

static void dump_value(const ew_graph *graph, uint32_t id, ew_text *text) {
  static const char *const quant_names[] = {"", " quant", " quant-channel", " quant-token",
                                            " quant-block"};
  const ew_value *value = &graph->values[id];
  char shape[128];
  ew_text_add(text, "%%%u %s%s", id, ew_dtype_name(value->dtype),
              ew_shape_text(value->dims, value->rank, shape, sizeof shape));
  if (!ew_value_is_row_major(value)) ew_text_add(text, " permuted");
  ew_text_add(text, "%s", quant_names[value->quant.kind]);
  if (value->constant != EW_NONE) ew_text_add(text, " const#%u", value->constant);
  if (value->flags & EW_VALUE_INPUT) ew_text_add(text, " input");
  if (value->flags & EW_VALUE_OUTPUT) ew_text_add(text, " output");
  if (value->flags & EW_VALUE_STATE) ew_text_add(text, " state");
  if (value->flags & EW_VALUE_SCALAR) ew_text_add(text, " scalar");
  if (value->flags & EW_VALUE_DYNAMIC) ew_text_add(text, " dynamic");
  ew_text_add(text, "\n");
}

static void dump_ids(const uint32_t *ids, uint32_t count, ew_text *text) {
  for (uint32_t i = 0; i < count; i++) {
    if (ids[i] == EW_NONE) {
      ew_text_add(text, "%s-", i == 0 ? "" : ", ");
    } else {
      ew_text_add(text, "%s%%%u", i == 0 ? "" : ", ", ids[i]);
    }
  }
}

static void dump_attr(const ew_attr *attr, ew_text *text) {
  switch (attr->kind) {
    case EW_ATTR_NONE:
      ew_text_add(text, "none");
      break;
    case EW_ATTR_INT:
    case EW_ATTR_BOOL:
      ew_text_add(text, "%lld", (long long)attr->u.i);
      break;
    case EW_ATTR_DOUBLE:
      ew_text_add(text, "%g", attr->u.d);
      break;
    case EW_ATTR_STRING:
      ew_text_add_json_string(text, attr->u.s);
      break;
    case EW_ATTR_INTS:
    case EW_ATTR_BOOLS:
    case EW_ATTR_DOUBLES:
      ew_text_add(text, "[");
      for (uint32_t i = 0; i < attr->count; i++) {
        const char *comma = i == 0 ? "" : ",";
        if (attr->kind == EW_ATTR_DOUBLES) {
          ew_text_add(text, "%s%g", comma, attr->u.doubles[i]);
        } else if (attr->scalars != NULL && attr->scalars[i] != EW_NONE) {
          ew_text_add(text, "%s%%%u", comma, attr->scalars[i]);
        } else {
          ew_text_add(text, "%s%lld", comma, (long long)attr->u.ints[i]);
        }
      }
      ew_text_add(text, "]");
      break;
  }
}

static void dump_params(const ew_node *node, ew_text *text) {
  const ew_params *p = node->params;
  char shape[128];
  if (p->kernel_h != 0) {
    ew_text_add(text, " kernel %ux%u stride %ux%u dilation %ux%u pad %u,%u,%u,%u", p->kernel_h,
                p->kernel_w, p->stride_h, p->stride_w, p->dilation_h, p->dilation_w, p->pad_top,
                p->pad_right, p->pad_bottom, p->pad_left);
  }
  if (p->groups != 0) {
    ew_text_add(text, " groups %u x (%u -> %u)", p->groups, p->group_input_channels,
                p->group_output_channels);
  }
  if (p->rank != 0) ew_text_add(text, " %s", ew_shape_text(p->shape, p->rank, shape, sizeof shape));
  if (node->op == EW_OP_SLICE || node->op == EW_OP_PAD) {
    ew_text_add(text, " %s", ew_shape_text(p->shape2, p->rank, shape, sizeof shape));
  }
  if (node->op == EW_OP_CONCATENATE) ew_text_add(text, " axis %u", p->axis);
  if (p->alpha != 0) ew_text_add(text, " alpha %g", (double)p->alpha);
  if (p->transpose_weights) ew_text_add(text, " transposed weights");
  if (p->align_corners) ew_text_add(text, " align corners");
  if (p->top_left) ew_text_add(text, " top left");
  if (p->keep_dims) ew_text_add(text, " keep dims");
  if (!isinf(p->output_min) || !isinf(p->output_max)) {
    ew_text_add(text, " clamp %g..%g", (double)p->output_min, (double)p->output_max);
  }
}

static void dump_node(const ew_node *node, ew_text *text) {
  dump_ids(node->outputs, node->num_outputs, text);
  ew_text_add(text, " = %s(", ew_node_name(node));
  dump_ids(node->inputs, node->num_inputs, text);
  for (uint32_t a = 0; a < node->num_attrs; a++) {
    ew_text_add(text, "; ");
    dump_attr(&node->attrs[a], text);
  }
  ew_text_add(text, ")");
  if (node->params != NULL) dump_params(node, text);
  ew_text_add(text, "\n");
}

/* Conditions, the innermost first. */
static void dump_branch(const ew_graph *graph, uint32_t branch, ew_text *text) {
  for (; branch != 0; branch = graph->branches[branch].parent) {
    const ew_branch *b = &graph->branches[branch];
    ew_text_add(text, "%s %%%u: ", b->when ? "if" : "unless", b->condition);
  }
}

void ew_graph_dump(const ew_graph *graph, ew_text *text) {
  ew_text_add(text, "method %s; values: %u, nodes: %u, segments: %u, constants: %u\n", graph->name,
              graph->num_values, graph->num_nodes, graph->num_segments, graph->num_constants);
  ew_text_add(text, "inputs ");
  dump_ids(graph->inputs, graph->num_inputs, text);
  ew_text_add(text, "\noutputs ");
  dump_ids(graph->outputs, graph->num_outputs, text);
  ew_text_add(text, "\n");
  for (uint32_t i = 0; i < graph->num_values; i++) dump_value(graph, i, text);
  for (uint32_t i = 0; i < graph->num_steps; i++) {
    const ew_step step = graph->steps[i];
    dump_branch(graph, step.branch, text);
    if (step.segment == EW_NONE) {
      dump_node(&graph->nodes[step.node], text);
      continue;
    }
    const ew_segment *segment = &graph->segments[step.segment];
    ew_text_add(text, "segment %u (", step.segment);
    dump_ids(segment->inputs, segment->num_inputs, text);
    ew_text_add(text, ") -> (");
    dump_ids(segment->outputs, segment->num_outputs, text);
    ew_text_add(text, ")\n");
    for (uint32_t n = 0; n < segment->num_nodes; n++) {
      ew_text_add(text, "  ");
      dump_node(ew_segment_node(graph, step.segment, n), text);
    }
  }
}
