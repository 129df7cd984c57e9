// The laws of ARCHITECTURE.md that a search can check. Prints each breach as path:line.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/cache.mjs';
import { trackedFiles } from './lib/files.mjs';
import { findUnusedIncludes } from './lib/includes.mjs';
import { checkLayers } from './lib/layers.mjs';
import { entry, Fail } from './lib/run.mjs';

const C = /\.(c|h|cpp|def)$/;
const TS = /\.tsx?$/;

// {law, in: paths it holds for, except: paths that may, pattern: what is forbidden}
const LAWS = [
  {
    law: 'only src/exec/xnn includes XNNPACK',
    in: /^(src|wasm)\//,
    except: /^src\/exec\/xnn\//,
    pattern: /#\s*include\s*[<"](xnnpack|pthreadpool)/,
  },
  {
    law: 'formats end at the loader: format headers stay in src/format and src/load',
    in: /^(src|wasm)\//,
    except: /^src\/(format|load)\//,
    pattern: /#\s*include\s*"format\//,
  },
  {
    law: 'the loader knows format/format.h, and no more of formats',
    in: /^src\/load\//,
    pattern: /#\s*include\s*"format\/(?!format\.h")/,
  },
  {
    law: 'names of an executor or a format stay in its folder, and in the table that has its row',
    in: /^(src|wasm)\/.*\.(c|h|cpp)$/,
    except: /^src\/(exec\/(xnn\/|executors\.c$)|format\/(pte\/|tflite\/|formats\.c$))/,
    pattern: /\b(ew_xnn|xnn|pte|tfl)_[a-z]\w*/,
  },
  {
    law: 'the core does no console or file input and output',
    in: /^src\/.*\.[ch]$/,
    pattern: /\b(f?printf|puts|fputs|fopen|fwrite|fread|putchar|perror)\s*\(/,
  },
  {
    law: 'memory comes from base/arena, so that the failure sweep sees every allocation',
    in: /^src\/.*\.c$/,
    except: /^src\/(base\/arena|image\/decode\w*)\.c$/,
    pattern: /(?<![\w.>])(malloc|calloc|realloc|free|strdup)\s*\(/,
  },
  {
    law: 'stb_image is known to src/image only',
    in: /^(src|wasm)\//,
    except: /^src\/image\//,
    pattern: /#\s*include\s*[<"]stb_/,
  },
  {
    law: 'the heap ends at the binding: HEAP views are touched in js/core only',
    in: /^js\/.*\.tsx?$/,
    except: /^js\/core\//,
    pattern: /\bHEAP(U?8|U?16|U?32|F32|F64)\b/,
  },
  {
    law: 'React ends at js/hooks, and at the hooks of other versions',
    in: /^js\/.*\.tsx?$/,
    except: /^js\/(hooks\/|compat\/\w+\/hooks\.ts$)/,
    pattern: /from\s+['"]react(-dom)?(\/[^'"]*)?['"]/,
  },
  {
    law: 'js/core.ts knows no React',
    in: /^js\/core\.ts$/,
    pattern: /hooks\//,
  },
  {
    law: 'no eval, in whatever dress',
    in: /^(js|wasm|demo)\//,
    pattern: /\b(eval|new Function)\s*\(/,
  },
  {
    law: 'no address of a package registry in the repository',
    in: /./,
    except: /^scripts\/check-laws\.mjs$/,
    pattern: /registry\.npmjs|deb\.debian\.org|archive\.ubuntu|pypi\.org\/simple|registry\.yarnpkg/,
  },
  {
    law: 'no absolute path of a developer machine',
    in: /./,
    except: /^scripts\/check-laws\.mjs$/,
    pattern: /(?<![\w.])\/(root|work|home\/\w+)\//,
  },
];

const TEXT =
  /(\.(c|h|cpp|def|ts|tsx|js|mjs|cjs|json|md|txt|cmake|html|css|py|sh|yml|yaml)|\/run|\.npmrc)$/;

/** Breaches of all laws by these files, as text. `read` gives the text of a path. */
export function findBreaches(paths, read) {
  const breaches = [];
  for (const path of paths.filter((name) => TEXT.test(name))) {
    const laws = LAWS.filter((law) => law.in.test(path) && !law.except?.test(path));
    if (laws.length === 0) continue;
    const code = C.test(path) || TS.test(path);
    read(path)
      .split('\n')
      .forEach((line, index) => {
        // Comments may name what code may not use.
        if (code && /^\s*(\/\/|\/?\*)/.test(line)) return;
        for (const { law } of laws.filter(({ pattern }) => pattern.test(line))) {
          breaches.push(`${path}:${index + 1}: ${law}\n    ${line.trim()}`);
        }
      });
  }
  return [...breaches, ...checkLayers(paths, read), ...findUnusedIncludes(paths, read)];
}

/** Checks the project's files; returns the number of breaches. */
export function checkLaws() {
  const breaches = findBreaches(trackedFiles(), (path) => readFileSync(join(ROOT, path), 'utf8'));
  for (const breach of breaches) process.stdout.write(`${breach}\n`);
  return breaches.length;
}

if (import.meta.filename === process.argv[1]) {
  await entry(async () => {
    const breaches = checkLaws();
    if (breaches > 0) throw new Fail(`${breaches} breaches of the laws`);
  });
}
