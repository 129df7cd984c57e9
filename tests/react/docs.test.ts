/** @jest-environment node */
/** The code in the documentation compiles against the public types. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { ROOT, complaints } from './typecheck.js';

const PAGES = ['README.md', ...markdownBelow('docs')];
const CODE = /^```(tsx?)(?: [\w.-]+)?\n(.*?)^```$/gms;

/** What the prose around a piece of code has introduced. */
const AMBIENT = `
  import type {
    ClassificationModule as Classifier, ImageBuffer, ImageEmbeddingsModule, ImageSource, TextEmbeddingsModule,
  } from 'executorch-web';
  declare global {
    const classifier: Classifier;
    const images: ImageEmbeddingsModule;
    const texts: TextEmbeddingsModule;
    const picture: ImageSource;
    const image: ImageSource;
    const buffer: ImageBuffer;
    const model: Classifier & { modelSource: string };
    function offerReload(url: string): void;
    function showHint(text: string): void;
  }
`;
const ASSETS = "declare module '*?url' { const url: string; export default url; }";

/** Names that a piece may use without importing them, and where they come from. */
const IMPORTED = {
  react: ['useState', 'useEffect', 'useRef', 'useMemo'],
  'executorch-web': exportsOf('js/library.ts'),
};

function markdownBelow(folder: string): string[] {
  const found = readdirSync(join(ROOT, folder), { recursive: true }) as string[];
  return found.filter((name) => name.endsWith('.md')).map((name) => join(folder, name));
}

function exportsOf(path: string): string[] {
  const options: ts.CompilerOptions = { module: ts.ModuleKind.ESNext, moduleResolution: 100 };
  const program = ts.createProgram([join(ROOT, path)], options);
  const source = program.getSourceFile(join(ROOT, path));
  const symbol = program.getTypeChecker().getSymbolAtLocation(source!);
  return program
    .getTypeChecker()
    .getExportsOfModule(symbol!)
    .map(({ name }) => name);
}

/** File name in memory → code, for each piece of a page. */
function pieces(page: string): [string, string][] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(CODE)].map(([, language, code], i) => [
    `${page.replaceAll('/', '-')}-${i + 1}.${language}`,
    withImports(code!),
  ]);
}

/** The piece as a module, with imports for what it takes for granted. */
function withImports(code: string): string {
  const identifiers = new Set(code.match(/[A-Za-z_]\w*/g));
  const own = new Set(
    [
      ...code.matchAll(/(?:import\s[^;]*?|(?:const|let|function|class|interface)\s+)\b(\w+)\b/g),
    ].map(([, name]) => name),
  );
  const imports = Object.entries(IMPORTED).map(([from, names]) => {
    const used = names.filter((name) => identifiers.has(name) && !own.has(name));
    const imported = used.filter(
      (name) => !new RegExp(`import[^;]*\\b${name}\\b[^;]* from`).test(code),
    );
    return imported.length > 0 ? `import { ${imported.join(', ')} } from '${from}';\n` : '';
  });
  return `${imports.join('')}${code}\nexport {};\n`;
}

test('compiles', () => {
  const sources = Object.fromEntries(PAGES.flatMap(pieces));
  expect(Object.keys(sources).length).toBeGreaterThan(30);
  const index = join(ROOT, 'js/index.ts');
  const paths = {
    'executorch-web': [index],
    'executorch-web/core': [join(ROOT, 'js/core.ts')],
    'executorch-web/legacy': [join(ROOT, 'js/compat/legacy/index.ts')],
    'executorch-web/inline': [join(ROOT, 'js/inline.ts')],
    'executorch-web/isolation': [join(ROOT, 'js/isolation.ts')],
  };
  const options = { paths, noUnusedLocals: false, noUnusedParameters: false };
  expect(
    complaints([], { 'ambient.d.ts': AMBIENT, 'assets.d.ts': ASSETS, ...sources }, { options }),
  ).toEqual([]);
});
