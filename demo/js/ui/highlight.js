/** Colours in the page's code examples. Without it they are as readable, only plain. */
import { el } from '../lib/dom.js';

const TOKENS =
  /(?<comment>\/\/[^\n]*)|(?<string>'[^'\n]*')|(?<word>\b(?:import|export|from|function|const|return|if|new|await|async)\b)/g;

export function highlight(code) {
  const text = code.textContent;
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    const [kind] = Object.entries(match.groups).find(([, value]) => value);
    parts.push(text.slice(end, match.index), el('span', { class: `token-${kind}` }, match[0]));
    end = match.index + match[0].length;
  }
  code.replaceChildren(...parts, text.slice(end));
}
