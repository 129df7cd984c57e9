// Sentences of the documentation that are too long to be read once: more than thirty words.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/cache.mjs';
import { Fail, entry } from './lib/run.mjs';

const MOST_WORDS = 30;
/** Written by scripts, or from words that code shows as well. */
const GENERATED = /^docs\/(benchmarks|errors|models|networks|operators|operator-differences)\.md$/;

function pages() {
  const docs = readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`);
  return ['README.md', 'examples/README.md', ...docs].filter(
    (path) => path.endsWith('.md') && !GENERATED.test(path),
  );
}

/** Paragraphs, items of lists and cells of tables as plain text. */
function pieces(text) {
  return (
    text
      .replace(/^(```|~~~).*?^\1$/gms, '\n\n')
      .replace(/<!--.*?-->/gs, '\n\n')
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/`[^`\n]*`/g, 'Code')
      .replaceAll('**', '')
      // Lists of names within a line are no sentences.
      .replace(/^.* · .* · .*$/gm, '')
      .split(/\n\s*\n|\n(?=\s*(?:[*\-|#]|\d+\.) ?)|\|/)
  );
}

const wordsOf = (sentence) => sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));

/** Prints sentences of too many words; returns how many there are. */
export function checkSentences() {
  let count = 0;
  for (const path of pages()) {
    for (const piece of pieces(readFileSync(join(ROOT, path), 'utf8'))) {
      for (const sentence of piece
        .replace(/\s+/g, ' ')
        .split(/(?<=[.!?]["”)]?) (?=[\p{Lu}\p{N}“"(])/u)) {
        const { length } = wordsOf(sentence);
        if (length <= MOST_WORDS) continue;
        process.stdout.write(`${path}: ${length} words: ${sentence.trim()}\n`);
        count++;
      }
    }
  }
  return count;
}

if (import.meta.filename === process.argv[1]) {
  await entry(async () => {
    const count = checkSentences();
    if (count > 0) throw new Fail(`${count} sentences have more than ${MOST_WORDS} words`);
  });
}
