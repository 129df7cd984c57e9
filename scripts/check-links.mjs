// Links of the documentation lead somewhere: files exist, headings too; addresses are https and well-formed.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './lib/cache.mjs';
import { trackedFiles } from './lib/files.mjs';
import { headingNames } from './lib/headings.mjs';
import { Fail, entry } from './lib/run.mjs';

const FOLDERS = [
  '.',
  'docs',
  'docs/reference',
  'models',
  'models/photo',
  'tests/types',
  'examples',
];
const LINK = /!?\[[^\]]*\]\(([^()\s]+(?:\([^()]*\))?[^()\s]*)\)/g;

function pages(root) {
  return FOLDERS.map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.md'));
}

const withoutCode = (text) => text.replace(/^(```|~~~).*?^\1$/gms, '').replace(/`[^`\n]*`/g, '');

/** Anchors that a page offers: its headings as GitHub names them, and what is given by hand. */
function anchorsOf(text) {
  const nameOf = headingNames();
  const anchors = new Set([...text.matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id));
  for (const [, heading] of text.replace(/^(```|~~~).*?^\1$/gms, '').matchAll(/^#+ (.+)$/gm))
    anchors.add(nameOf(heading));
  return anchors;
}

/** What is wrong with a link of a page; undefined when nothing is. */
function complaint(page, text, link) {
  if (/^https?:/.test(link)) return URL.canParse(link) ? undefined : 'no address';
  if (/^[a-z]+:/i.test(link)) return undefined;
  const [path, anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), decodeURIComponent(path));
  if (!existsSync(target)) return 'no such file';
  if (!anchor || statSync(target).isDirectory()) return undefined;
  const there = target === page ? text : readFileSync(target, 'utf8');
  return anchorsOf(there).has(anchor) ? undefined : 'no such heading';
}

/** Pages whose code spans name files of the project, by any ending of their paths. */
const MAPS = ['ARCHITECTURE.md', 'CONTRIBUTING.md'];
const SPAN = /`([^`\n ]+)`/g;
const PATH =
  /^[\w.*-]+(\/[\w.*-]+)*(\/|\.(c|h|def|ts|tsx|mjs|py|json|md|cmake|css|html))$|^[\w.*-]+(\/[\w.*-]+)+$/;
/** What is made by a build, and names of packages and modules. */
const NOT_OURS =
  /^\.\.|^(dist|build|xnnpack|node_modules|executorch-web|react-native|cjs|@)\b|^[\w-]+\.js$/;

/** Spans of a page that look like paths of the project and are none. */
export function missingPaths(text, files) {
  const folders = new Set(
    files.flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))),
  );
  const all = [...files, ...[...folders].filter(Boolean)].map((path) => `/${path}`);
  return [...text.replace(/^(```|~~~).*?^\1$/gms, '').matchAll(SPAN)]
    .map(([, span]) => span)
    .filter((span) => PATH.test(span) && !NOT_OURS.test(span))
    .filter((span) => {
      const pattern = span.replace(/\/$/, '').replace(/\./g, '\\.').replace(/\*/g, '[^/]*');
      const ending = new RegExp(`/${pattern}$`);
      return !all.some((path) => ending.test(path));
    });
}

/** Prints paths of MAPS that name nothing; returns how many. */
function checkPaths() {
  let count = 0;
  for (const page of MAPS) {
    for (const path of missingPaths(readFileSync(join(ROOT, page), 'utf8'), trackedFiles())) {
      process.stdout.write(`${page}: ${path}: no such file or folder\n`);
      count++;
    }
  }
  return count;
}

/** Prints links that lead nowhere in the repository, or in another folder with its pages; returns how many. */
export function checkLinks(root = ROOT) {
  let [all, count] = [0, root === ROOT ? checkPaths() : 0];
  for (const page of pages(root)) {
    const text = readFileSync(page, 'utf8');
    for (const [, link] of withoutCode(text).matchAll(LINK)) {
      all++;
      const wrong = complaint(page, text, link);
      if (!wrong) continue;
      process.stdout.write(`${relative(root, page)}: ${link}: ${wrong}\n`);
      count++;
    }
  }
  process.stdout.write(`${all} links looked at\n`);
  return count;
}

if (import.meta.filename === process.argv[1]) {
  await entry(async () => {
    const count = checkLinks();
    if (count > 0) throw new Fail(`${count} links lead nowhere`);
  });
}
