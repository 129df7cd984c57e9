// Makes js/base/codes.generated.ts from src/base/status.def, the one list of error codes.
// `node scripts/generate-errors.mjs` writes it, `--check` fails when the committed file is not current.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/cache.mjs';
import { writeGenerated } from './lib/generated.mjs';
import { entry } from './lib/run.mjs';

const SOURCE = join(ROOT, 'src', 'base', 'status.def');
const TARGET = 'js/base/codes.generated.ts';

/** Rows of status.def: [{cName, code, name, sentence}]. */
export function readStatusTable(text = readFileSync(SOURCE, 'utf8')) {
  const row = /^EW_STATUS\((\w+),\s*(\w+),\s*(\w+),\s*"((?:[^"\\]|\\.)*)"\)/gm;
  const rows = [...text.matchAll(row)].map(([, cName, code, name, sentence]) => ({
    cName,
    code: Number(code),
    name,
    sentence: JSON.parse(`"${sentence}"`),
  }));
  const declared = text.match(/^EW_STATUS\(/gm)?.length ?? 0;
  if (rows.length === 0 || rows.length !== declared) throw new Error(`cannot read ${SOURCE}`);
  return rows;
}

export function errorsModule(rows) {
  const lines = [
    '// Generated from src/base/status.def by scripts/generate-errors.mjs. Do not edit.',
    '',
    "/** Numeric error codes: those of ExecuTorch, of react-native-executorch, and this library's own. */",
    'export const ErrorCode = {',
  ];
  for (const { code, name, sentence } of rows) {
    lines.push(`  /** ${sentence[0].toUpperCase()}${sentence.slice(1)}. */`, `  ${name}: ${code},`);
  }
  lines.push(
    '} as const;',
    '',
    '/** A number of the table {@link ErrorCode}. */',
    'export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];',
    '',
  );
  return lines.join('\n');
}

if (import.meta.filename === process.argv[1]) {
  await entry(() =>
    writeGenerated({ [TARGET]: errorsModule(readStatusTable()) }, 'generate-errors.mjs'),
  );
}
