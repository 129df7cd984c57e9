// What the package's declarations call private or protected: no caller's business, so the fuzz of the surface leaves it out.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/shared.mjs';

const HIDDEN = /\b(?:private|protected) (?:readonly )?(\w+)/g;

/** Set of names, read from dist/types. */
export function hiddenNames() {
  const folder = join(ROOT, 'dist/types');
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.d.ts'));
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(HIDDEN)].map(([, name]) => name)));
}
