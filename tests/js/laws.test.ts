// That scripts/check-laws.mjs finds what breaks the laws, and nothing else: small trees, each with one breach.
import { expect, test } from '@jest/globals';
import { findBreaches } from '../../scripts/check-laws.mjs';
import { missingPaths } from '../../scripts/check-links.mjs';

type Tree = Record<string, string>;

/** What the borders are drawn around. */
const SOUND: Tree = {
  'src/base/list.h': 'void ew_list_reserve(void);',
  'src/graph/ir.h': '#include "base/list.h"',
  'src/format/format.h': '#include "graph/ir.h"\ntypedef struct ew_format ew_format;',
  'src/format/formats.c': '#include "format/pte/pte.h"\npte_format',
  'src/format/pte/pte.h': '#include "format/format.h"\nextern const ew_format pte_format;',
  'src/format/pte/values.c': '#include "format/pte/pte.h"\npte_format',
  'src/format/tflite/model.c': '#include "format/format.h"\new_format tfl_model',
  'src/exec/executor.h': '#include "graph/ir.h"\nvoid ew_start(void);',
  'src/exec/executors.c': '#include "exec/xnn/xnn.h"\n&ew_xnn_executor',
  'src/exec/xnn/xnn.h':
    '#include "exec/executor.h"\n#include <xnnpack.h>\nextern int ew_xnn_executor;',
  'src/exec/gpu/gpu.c': '#include "exec/executor.h"\new_start();',
  'src/load/load.c':
    '#include "format/format.h"\n#include "exec/executor.h"\new_format *f = ew_start();',
  'src/session/run.c': '#include "exec/executor.h"\new_start();',
  'js/base/errors.ts': '',
  'js/tasks/task.ts': "import { fail } from '../base/errors.js';",
  'js/hooks/useModel.ts': "import { useState } from 'react';\nimport '../tasks/task.js';",
};

function breachesOf(changes: Tree): string[] {
  const tree: Tree = { ...SOUND };
  for (const [path, text] of Object.entries(changes)) tree[path] = `${tree[path] ?? ''}\n${text}`;
  return findBreaches(Object.keys(tree), (path) => tree[path]!);
}

test('a sound tree has no breaches', () => expect(breachesOf({})).toEqual([]));

test.each([
  ['XNNPACK outside of its folder', 'src/session/run.c', '#include <xnnpack.h>'],
  ["an executor's header in the session", 'src/session/run.c', '#include "exec/xnn/xnn.h"'],
  ["an executor's function in the session", 'src/session/run.c', 'ew_xnn_follow_graph(x);'],
  ['one executor in another', 'src/exec/gpu/gpu.c', '#include "exec/xnn/xnn.h"'],
  ["a format's header in the loader", 'src/load/load.c', '#include "format/pte/pte.h"'],
  ["a format's function in the loader", 'src/load/load.c', 'pte_values(p);'],
  ['one format in another', 'src/format/tflite/model.c', '#include "format/pte/pte.h"'],
  ['the session reading formats', 'src/session/run.c', '#include "format/format.h"'],
  ['a layer below using one above', 'src/base/list.h', '#include "session/run.c"'],
  ['a folder that is no layer', 'src/misc/odd.c', ''],
  ['a circle of headers', 'src/format/format.h', '#include "format/pte/pte.h"'],
  ['an include that nothing needs', 'src/load/load.c', '#include "base/list.h"'],
  ['a standard header that nothing needs', 'src/load/load.c', '#include <math.h>'],
  ['printing', 'src/load/load.c', 'printf("x");'],
  ['memory of its own', 'src/load/load.c', 'void *p = malloc(1);'],
  ['React below the hooks', 'js/tasks/task.ts', "import { useState } from 'react';"],
  ['a type of a layer above', 'js/tasks/task.ts', "import type { X } from '../hooks/useModel.js';"],
  ['the heap outside of the core', 'js/tasks/task.ts', 'module.HEAPU8.set(x);'],
  ['eval', 'js/tasks/task.ts', "eval('1');"],
])('%s is found', (_, path, text) => {
  const breaches = breachesOf({ [path]: text });
  expect(breaches.join('\n')).toContain(path);
});

test('comments may name what code may not use', () =>
  expect(
    breachesOf({ 'src/session/run.c': '/* as ew_xnn_follow_graph and pte_values do */' }),
  ).toEqual([]));

test('documents name files that exist, by any ending of their paths', () => {
  const files = ['src/exec/xnn/conv.c', 'src/graph/ops.def', 'tests/c/operators.py'];
  const good =
    'See `exec/xnn/`, `ops.def`, `tests/*/operators.py`, `dist/worker.js`, `ew_model` and `--flag`.';
  expect(missingPaths(good, files)).toEqual([]);
  expect(missingPaths('Lower it in `src/xnn/xnn_*.c`, of `gone.c`.', files)).toEqual([
    'src/xnn/xnn_*.c',
    'gone.c',
  ]);
});
