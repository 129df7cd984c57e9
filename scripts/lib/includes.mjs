// Which includes a C file has no use for.
import { dirname, posix } from 'node:path';

/** What files here use of the standard headers that declare nothing else for them. */
const STANDARD = {
  'math.h':
    /\b(INFINITY|NAN|M_PI|HUGE_VALF?|is(nan|inf|finite|normal)|signbit|(exp|log|pow|sqrt|sin|cos|tan|tanh|atan|erf|floor|ceil|round|rint|nearbyint|lrint|lround|trunc|fabs|fmod|fmax|fmin|ldexp|frexp|hypot|fma|cosh|sinh|asin|acos|a[a-z]+h|atan2|copysign|exp2|expm1|log1p|log2|log10|cbrt|nextafter|remainder|lgamma|tgamma|erfc)[fl]?)\b/,
  'string.h': /\b(mem|str)[a-z]+\s*\(/,
  'stdio.h':
    /\b(v?s?n?f?printf|sscanf|FILE|f(open|close|read|write|gets|puts|seek|tell)|EOF|puts)\b/,
  'stdlib.h':
    /\b(abs|malloc|calloc|realloc|free|strto\w+|qsort|exit|abort|atoi|getenv|setenv|aligned_alloc|bsearch)\b/,
  'stdarg.h': /\bva_(list|start|arg|end)\b/,
};

const code = (text) => text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(\\.|[^"\\\n])*"/g, ' ');

/** Names that a header declares or defines: macros, functions, types, constants, tables. */
function declaredBy(text) {
  const plain = code(text);
  const constants = [...plain.matchAll(/\benum\b[^{;]*\{([^}]*)\}/g)].flatMap(([, body]) => [
    ...body.matchAll(/\b([A-Z]\w*)\b/g),
  ]);
  const patterns = [
    /#\s*define\s+(\w+)/g,
    /^[a-z][\w *]*?\b(\w+)\s*\(/gm,
    /\b(?:struct|enum|union)\s+(\w+)\s*[{;]/g,
    /\}\s*(\w+)\s*;/g,
    /\btypedef\b[^;{}]*?\b(\w+)\s*(?:\([^;]*\))?;/g,
    /\btypedef\b[^;{}]*?\(\*(\w+)\)/g,
    /\bextern\b[^;]*?\b(\w+)\s*(?:\[[^\]]*\])?;/g,
  ];
  return new Set(
    [...constants, ...patterns.flatMap((pattern) => [...plain.matchAll(pattern)])].map(
      ([, name]) => name,
    ),
  );
}

/** Lines `path: includes header and uses nothing of it`, for the C files among paths. */
export function findUnusedIncludes(paths, read) {
  const known = new Set(paths);
  const declared = new Map();
  const of = (path) => {
    if (!declared.has(path)) declared.set(path, declaredBy(read(path)));
    return declared.get(path);
  };
  const isUsed = (path, header, text) => {
    const standard = STANDARD[header];
    if (standard) return standard.test(text);
    const found = [posix.join('src', header), posix.join(dirname(path), header)].find((one) =>
      known.has(one),
    );
    // A table of rows, or somebody else's header.
    if (!found || !found.endsWith('.h')) return true;
    const words = new Set(text.match(/\w+/g));
    // `kernel->name` is a use of struct ew_kernel, which another header may have declared only.
    const isReached = (name) => new RegExp(`\\b${name.replace(/^[a-z]+_/, '')}->`).test(text);
    return [...of(found)].some((name) => words.has(name) || isReached(name));
  };
  return paths
    .filter((path) => /^src\/.*\.c$/.test(path))
    .flatMap((path) => {
      const whole = read(path);
      const text = code(whole);
      return [...whole.matchAll(/^#include\s*[<"]([^">]+)[">]/gm)]
        .map(([, header]) => header)
        .filter((header) => !isUsed(path, header, text))
        .map((header) => `${path}: includes ${header} and uses nothing of it`);
    });
}
