/** Compiles pieces of TypeScript against this library's public types, in memory. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const TYPES = join(ROOT, 'tests/types');

/** The public surface, once it exists. */
export const INDEX = join(ROOT, 'js/index.ts');
export const hasIndex = existsSync(INDEX);

export interface CheckOptions {
  /** Declarations that stand for react-native-executorch. Default: tests/types/facts. */
  theirs?: string;
  /** Compiler options beside the project's. */
  options?: ts.CompilerOptions;
}

/** Complaints of the compiler about files, which are paths or, from `sources`, in memory. */
export function complaints(
  files: readonly string[],
  sources: Readonly<Record<string, string>> = {},
  { theirs = join(TYPES, 'facts/index.d.ts'), options = {} }: CheckOptions = {},
): string[] {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const settings: ts.CompilerOptions = {
    ...parsed.options,
    noUnusedLocals: false,
    paths: { 'executorch-web': [INDEX], 'react-native-executorch': [theirs] },
    ...options,
  };
  const host = ts.createCompilerHost(settings);
  const memory = new Map(Object.entries(sources).map(([name, text]) => [join(TYPES, name), text]));
  const { readFile, fileExists } = host;
  host.readFile = (path) => memory.get(path) ?? readFile.call(host, path);
  host.fileExists = (path) => memory.has(path) || fileExists.call(host, path);
  const roots = [...files.map((path) => join(TYPES, path)), ...memory.keys()];
  // Ambient declarations belong to every program.
  const ambient = parsed.fileNames.filter((path) => path.endsWith('.d.ts'));
  const program = ts.createProgram([...roots, ...ambient], settings, host);
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file === undefined || file.fileName.startsWith(TYPES))
    .map(describe);
}

function describe({ file, start, messageText }: ts.Diagnostic): string {
  const text = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (!file) return text;
  const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
  const source = file.text.split('\n')[line]?.trim();
  return `${file.fileName.slice(TYPES.length + 1)}:${line + 1}: ${text}\n    ${source}`;
}

/** JavaScript of the TypeScript. */
export function withoutTypes(source: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}
