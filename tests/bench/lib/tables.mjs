// Tables {title, columns, rows, notes} as text for the terminal and as Markdown.

const text = (cell) => String(cell ?? '–');

export function asText({ title, columns, rows, notes = [] }) {
  const lines = [columns, ...rows].map((row) => row.map(text));
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const draw = (line) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ');
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [title, rule, draw(lines[0]), rule, ...lines.slice(1).map(draw), ...notes, ''].join('\n');
}

export function asMarkdown({ title, columns, rows, notes = [], text: block }) {
  const head = `## ${title}\n`;
  if (!columns) return `${head}\n\`\`\`\n${block}\n\`\`\`\n`;
  return [head, markdownGrid({ columns, rows }), ...notes.map((note) => `\n${note}`), ''].join(
    '\n',
  );
}

/** The grid alone. */
export function markdownGrid({ columns, rows }) {
  const draw = (row) => `| ${row.map((cell) => text(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = `| --- | ${columns
    .slice(1)
    .map(() => '---:')
    .join(' | ')} |`;
  return [draw(columns), rule, ...rows.map(draw)].join('\n');
}

/** Milliseconds with as many digits as make sense. */
export function ms(value) {
  if (value === undefined || value === null) return '–';
  return value < 1 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}

export const megabytes = (bytes) => (bytes === undefined ? '–' : (bytes / 1e6).toFixed(1));
export const kilobytes = (bytes) => (bytes === undefined ? '–' : (bytes / 1e3).toFixed(1));

/** '1.87×', or '–' where one of both is missing. */
export const ratio = (part, whole) => (part && whole ? `${(part / whole).toFixed(2)}×` : '–');
