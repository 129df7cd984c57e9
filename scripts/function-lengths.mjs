// node scripts/function-lengths.mjs [folder of a checkout]: how long functions are, in C and in TypeScript. Lines of
// the body, without the line of its opening brace and that of its closing one; nested functions count by themselves
// too.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';
import ts from 'typescript';
import { ROOT } from './lib/cache.mjs';
import { entry } from './lib/run.mjs';

const WORST = 5;

/** Tracked files below `folders` of a checkout whose names match. */
function files(root, folders, pattern) {
  const listed = spawnSync('git', ['ls-files', '-z', ...folders], { cwd: root, encoding: 'utf8' });
  return listed.stdout.split('\0').filter((path) => pattern.test(path));
}

/** Functions of formatted C: a body begins at a line that ends in ") {" and ends at a brace in the first column. */
function functionsOfC(text, path) {
  const found = [];
  let start = -1;
  let name = '';
  text.split('\n').forEach((line, index) => {
    const named = /^[a-z].*?(\w+)\(/i.exec(line);
    if (named) name = named[1];
    if (
      start < 0 &&
      /^(\S.*|\s{4,}.*)\) \{$/.test(line) &&
      !/^\s*(if|for|while|switch)\b/.test(line)
    ) {
      start = index;
    } else if (start >= 0 && line === '}') {
      found.push({ path, name, lines: index - start - 1 });
      start = -1;
    }
  });
  return found;
}

function functionsOfTs(text, path) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lineOf = (position) => source.getLineAndCharacterOfPosition(position).line;
  const found = [];
  const visit = (node) => {
    if (ts.isFunctionLike(node) && node.body && ts.isBlock(node.body)) {
      const lines = lineOf(node.body.getEnd()) - lineOf(node.body.getStart()) - 1;
      found.push({ path, name: node.name?.getText() ?? '(nameless)', lines: Math.max(lines, 1) });
    }
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

function report(label, functions) {
  const sorted = functions.toSorted((a, b) => a.lines - b.lines);
  const at = (share) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].lines;
  const worst = sorted.slice(-WORST).reverse();
  process.stdout.write(
    `${label}: ${sorted.length} functions, median ${at(0.5)} lines, 90th percentile ${at(0.9)}\n` +
      worst.map(({ path, name, lines }) => `  ${lines}  ${path} ${name}\n`).join(''),
  );
}

await entry(() => {
  const root = resolve(process.argv[2] ?? ROOT);
  const measure = (folders, pattern, functionsOf) =>
    files(root, folders, pattern).flatMap((path) =>
      functionsOf(readFileSync(join(root, path), 'utf8'), path),
    );
  report('C', measure(['src', 'wasm'], /\.(c|h|cpp)$/, functionsOfC));
  report('TypeScript', measure(['js'], /(?<!\.d)\.tsx?$/, functionsOfTs));
});
