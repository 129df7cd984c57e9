// Which folder may use which, in C and in JavaScript, and that no files use each other in a circle.
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { ROOT } from './cache.mjs';

// {root, layers: folders of root, each uses those before it, placed: files outside of folders and the layer that they
// count as; files that are not named are entries: they use everything and nothing uses them; closed: layers whose folders
// (an executor, a format) nobody uses but they themselves and one file, the table that has a row for each}.
export const TREES = [
  {
    root: 'src',
    layers: ['base', 'graph', 'image', 'kernels', 'format', 'exec', 'load', 'session', 'task'],
    placed: { 'ew.h': 'session' },
    closed: { exec: 'executors.c', format: 'formats.c' },
    files: /\.(c|h|def)$/,
    uses: usesOfC,
  },
  {
    root: 'js',
    layers: [
      ...['base', 'sources', 'downloads', 'images', 'core', 'constants', 'tasks', 'worker'],
      ...['video', 'modules', 'hooks', 'compat', 'cli'],
    ],
    placed: {},
    closed: {},
    files: /\.tsx?$/,
    uses: usesOfJs,
  },
];

function usesOfC(text) {
  return [...text.matchAll(/^\s*#\s*include\s*"([^"]+)"/gm)].map(([, path]) => ({
    path,
    candidates: (from) => [posix.join(dirname(from), path), posix.join('src', path)],
  }));
}

/** Imports and re-exports, of values and of types, static, dynamic and in types (`typeof import()`). */
function usesOfJs(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const pattern = /(?:\bfrom|\bimport)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g;
  return [...code.matchAll(pattern)].map(([, path]) => ({
    path,
    candidates: (from) => {
      const stem = posix.join(dirname(from), path).replace(/\.js$/, '');
      return [`${stem}.ts`, `${stem}.tsx`, `${stem}.d.ts`];
    },
  }));
}

/** What each file of a tree uses of it: Map from path to paths. */
function usesOf(tree, paths, read) {
  const known = new Set(paths);
  return new Map(
    paths.map((path) => {
      const found = tree
        .uses(read(path))
        .map(({ candidates }) => candidates(path).find((one) => known.has(one)));
      return [path, [...new Set(found.filter((one) => one !== undefined))]];
    }),
  );
}

/** Place of a file's layer in the list; entries come last. Undefined for folders that no layer is named after. */
function levelOf({ root, layers, placed }, path) {
  const [first, ...rest] = path.slice(root.length + 1).split('/');
  if (rest.length === 0) return placed[first] ? layers.indexOf(placed[first]) : layers.length;
  const level = layers.indexOf(first);
  return level < 0 ? undefined : level;
}

/** The closed folder that a file lies in, with the table that may use it; undefined when there is none. */
function closedFolder({ root, closed }, path) {
  const [layer, folder, ...rest] = path.slice(root.length + 1).split('/');
  if (closed[layer] === undefined || rest.length === 0) return undefined;
  return { folder: `${root}/${layer}/${folder}/`, table: `${root}/${layer}/${closed[layer]}` };
}

function breachesOfOrder(tree, uses) {
  const breaches = [];
  for (const [path, used] of uses) {
    const level = levelOf(tree, path);
    if (level === undefined) breaches.push(`${path}: its folder is no layer of ${tree.root}/`);
    for (const other of used) {
      if (levelOf(tree, other) > level) {
        breaches.push(`${path}: uses ${other}, whose layer comes after its own`);
      }
      const closed = closedFolder(tree, other);
      if (closed && !path.startsWith(closed.folder) && path !== closed.table) {
        breaches.push(`${path}: uses ${other}, which is known to ${closed.table} only`);
      }
    }
  }
  return breaches;
}

/** Circles, each as the list of its files: strongly connected components (Tarjan) of more than one file. */
export function circlesOf(uses) {
  const state = new Map();
  const stack = [];
  const circles = [];
  const visit = (path) => {
    const mine = { index: state.size, low: state.size, open: true };
    state.set(path, mine);
    stack.push(path);
    for (const other of uses.get(path) ?? []) {
      const theirs = state.get(other) ?? visit(other);
      if (theirs.open) mine.low = Math.min(mine.low, theirs.low);
    }
    if (mine.low === mine.index) {
      const members = stack.splice(stack.indexOf(path));
      for (const member of members) state.get(member).open = false;
      if (members.length > 1 || uses.get(path)?.includes(path)) circles.push(members.sort());
    }
    return mine;
  };
  for (const path of uses.keys()) if (!state.has(path)) visit(path);
  return circles;
}

/** Breaches of the order of layers and circles between files, one line each. `read` gives the text of a path. */
export function checkLayers(paths, read = (path) => readFileSync(join(ROOT, path), 'utf8')) {
  return TREES.flatMap((tree) => {
    const own = paths.filter((path) => path.startsWith(`${tree.root}/`) && tree.files.test(path));
    const uses = usesOf(tree, own, read);
    const circles = circlesOf(uses).map(
      (files) => `these use each other in a circle: ${files.join(', ')}`,
    );
    return [...breachesOfOrder(tree, uses), ...circles];
  });
}
