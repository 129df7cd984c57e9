/* The kernels that mask the softmax of an attention become one, which computes what they do. */
#include <stdlib.h>

#include "kernels_fixture.h"
#include "session/model.h"

enum { ROWS = 3, COLUMNS = 4, NODES = 6 };

typedef struct chain_case {
  double scores_equal, fill; /* the numbers of eq and full_like */
  int64_t dim;
  bool drops_dim, read_twice, is_output, dynamic, in_branch, other_shape;
} chain_case;

typedef struct chain {
  ew_arena arena;
  ew_graph graph;
  ew_error err;
  uint32_t scores, results, out, any;
} chain;

static uint32_t add_value(chain *c, ew_dtype dtype, size_t columns, uint32_t flags) {
  ew_value value = ew_value_default(dtype);
  uint32_t id = 0;
  value.rank = 2;
  value.dims[0] = ROWS;
  value.dims[1] = columns;
  value.order[1] = 1;
  value.flags = flags;
  CHECK_EQ(ew_graph_add_value(&c->graph, &value, &id, &c->err), EW_OK);
  return id;
}

static ew_node *add_step(chain *c, const char *name, uint32_t num_inputs, uint32_t num_attrs,
                         uint32_t in, uint32_t out) {
  ew_node *node = NULL;
  CHECK_EQ(ew_graph_add_node(&c->graph, EW_OP_KERNEL, num_inputs, 1, num_attrs, &node, &c->err),
           EW_OK);
  CHECK_EQ(ew_graph_add_step(&c->graph, EW_NONE, c->graph.num_nodes - 1, &c->err), EW_OK);
  node->kernel = ew_kernel_find(name);
  node->inputs[0] = in;
  node->outputs[0] = out;
  return node;
}

static void make_chain(chain *c, const chain_case *k) {
  memset(c, 0, sizeof *c);
  ew_arena_init(&c->arena);
  ew_graph_init(&c->graph, &c->arena, "test");
  c->scores = add_value(c, EW_F32, COLUMNS, EW_VALUE_INPUT | (k->dynamic ? EW_VALUE_DYNAMIC : 0));
  c->results = add_value(c, EW_F32, k->other_shape ? 1 : COLUMNS, EW_VALUE_INPUT);
  c->out = add_value(c, EW_F32, COLUMNS, EW_VALUE_OUTPUT);
  const uint32_t equal = add_value(c, EW_BOOL, COLUMNS, 0);
  const uint32_t not = add_value(c, EW_BOOL, COLUMNS, 0);
  const uint32_t any = add_value(c, EW_BOOL, 1, k->is_output ? EW_VALUE_OUTPUT : 0);
  const uint32_t mask = add_value(c, EW_BOOL, 1, 0), zeros = add_value(c, EW_F32, COLUMNS, 0);
  c->any = any;
  ew_node *node = add_step(c, "aten::eq.Scalar_out", 1, 1, c->scores, equal);
  node->attrs[0] = (ew_attr){.kind = EW_ATTR_DOUBLE, .u.d = k->scores_equal};
  add_step(c, "aten::logical_not.out", 1, 0, equal, not );
  node = add_step(c, "aten::any.out", 1, 2, not, any);
  node->attrs[0] = (ew_attr){.kind = EW_ATTR_INT, .u.i = k->dim};
  node->attrs[1] = (ew_attr){.kind = EW_ATTR_BOOL, .u.i = !k->drops_dim};
  node = add_step(c, "aten::full_like.out", 1, 2, c->results, zeros);
  node->attrs[0] = (ew_attr){.kind = EW_ATTR_DOUBLE, .u.d = k->fill};
  add_step(c, "aten::logical_not.out", 1, 0, any, mask);
  if (k->in_branch) c->graph.steps[4].branch = 1;
  node = add_step(c, "aten::where.self_out", 3, 0, mask, c->out);
  node->inputs[1] = zeros;
  node->inputs[2] = c->results;
  if (k->read_twice) {
    add_step(c, "aten::logical_not.out", 1, 0, any, add_value(c, EW_BOOL, 1, 0));
  }
}

static void check_chain(const chain_case *k, bool folds) {
  chain c;
  make_chain(&c, k);
  const uint32_t before = c.graph.num_steps;
  CHECK_EQ(ew_fold_masked_rows(&c.graph, &c.err), EW_OK);
  CHECK_EQ(c.graph.num_steps, folds ? 1 : before);
  const ew_node *last = &c.graph.nodes[NODES - 1];
  CHECK((last->kernel == &ew_masked_rows_kernel) == folds);
  if (folds) {
    CHECK_EQ(c.graph.steps[0].node, NODES - 1);
    CHECK_EQ(last->num_inputs, 2);
    CHECK_EQ(last->inputs[0], c.scores);
    CHECK_EQ(last->inputs[1], c.results);
    CHECK_EQ(last->outputs[0], c.out);
  }
  ew_graph_free(&c.graph);
  ew_arena_free(&c.arena);
}

static void test_chains(void) {
  const double low = -(double)INFINITY;
  check_chain(&(chain_case){.scores_equal = low, .dim = -1}, true);
  check_chain(&(chain_case){.scores_equal = low, .dim = 1}, true);
  check_chain(&(chain_case){.scores_equal = low, .dim = 0}, false);
  check_chain(&(chain_case){.scores_equal = -1e30, .dim = -1}, false);
  check_chain(&(chain_case){.scores_equal = low, .dim = -1, .fill = 1}, false);
  check_chain(&(chain_case){.scores_equal = low, .dim = -1, .drops_dim = true}, false);
  check_chain(&(chain_case){.scores_equal = low, .dim = -1, .read_twice = true}, false);
  check_chain(&(chain_case){.scores_equal = low, .dim = -1, .is_output = true}, false);
  check_chain(&(chain_case){.scores_equal = low, .dim = -1, .dynamic = true}, false);
  check_chain(&(chain_case){.scores_equal = low, .dim = -1, .in_branch = true}, false);
  check_chain(&(chain_case){.scores_equal = low, .dim = -1, .other_shape = true}, false);
}

/* Rows without a score, with one, and with a NaN among none. */
static void test_rows(void) {
  const float low = -INFINITY;
  kernel_test t;
  begin(&t, "aten::where.self_out");
  t.node.kernel = &ew_masked_rows_kernel;
  in(&t, DIMS(3, 3), F32(low, low, low, low, 2, low, low, NAN, low));
  in(&t, DIMS(3, 3), F32(NAN, NAN, NAN, 0, 1, 0, NAN, NAN, NAN));
  out(&t, EW_F32);
  CHECK_EQ(go(&t), EW_OK);
  const float *y = t.outputs[0].data;
  const float wanted[6] = {0, 0, 0, 0, 1, 0};
  for (int i = 0; i < 6; i++) CHECK(y[i] == wanted[i]);
  for (int i = 6; i < 9; i++) CHECK(isnan(y[i]));
  end(&t);
}

int main(void) {
  RUN(test_chains);
  RUN(test_rows);
  return test_summary();
}
