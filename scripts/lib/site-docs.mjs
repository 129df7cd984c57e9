// build/site/docs: the documentation as pages, for who comes to the demo without the repository.
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { ROOT } from './cache.mjs';
import { headingNames } from './headings.mjs';

const FOLDERS = ['docs', 'docs/reference'];
/** Pages from elsewhere, and what they are called below docs/. */
const OTHERS = {
  'README.md': 'index.html',
  'examples/README.md': 'examples.html',
  'CHANGELOG.md': 'changelog.html',
  'ARCHITECTURE.md': 'architecture.html',
  'CONTRIBUTING.md': 'contributing.html',
  'models/README.md': 'own-models.html',
  'models/photo/README.md': 'photo-model.html',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";

/** Addresses below the site's docs/ by path in the repository. */
export function docPages() {
  const pages = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => [
        `${folder}/${name}`,
        `${folder}/${basename(name, '.md')}.html`.replace(/^docs\//, ''),
      ]),
  );
  return new Map([...pages, ...Object.entries(OTHERS)]);
}

/** Writes every page and the pictures in them to `target`. */
export async function writeDocs(target) {
  const { default: MarkdownIt } = await import('markdown-it');
  const pages = docPages();
  for (const [source, name] of pages) {
    // The text is the repository's own, and has anchors in HTML.
    const markdown = new MarkdownIt({ html: true });
    nameHeadings(markdown);
    followLinks(markdown, source, name, pages);
    const text = readFileSync(join(ROOT, source), 'utf8');
    const path = join(target, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, page(name, titleOf(text), reachable(markdown.render(text))));
  }
  for (const name of readdirSync(join(ROOT, 'docs')))
    if (/\.(webp|png)$/.test(name)) cpSync(join(ROOT, 'docs', name), join(target, name));
}

/** What scrolls can be reached by keyboard, no heading of a table is empty, and no style stands in the text: the page's policy. */
const reachable = (html) =>
  html
    .replaceAll('<pre>', '<pre tabindex="0">')
    .replace(/<th(?: [^>]*)?><\/th>/g, '<td></td>')
    .replace(/ style="text-align:(\w+)"/g, ' class="$1"');

const titleOf = (text) => /^# (.+)$/m.exec(text)?.[1].replaceAll('`', '') ?? 'executorch-web';

function nameHeadings(markdown) {
  const nameOf = headingNames();
  markdown.core.ruler.push('names of headings', ({ tokens }) => {
    tokens.forEach((token, i) => {
      if (token.type === 'heading_open') token.attrSet('id', nameOf(tokens[i + 1].content));
    });
  });
}

/** Links to pages and pictures lead to those of the site; what only the repository has is plain text. */
function followLinks(markdown, source, name, pages) {
  const relative = (address) => posix.relative(posix.dirname(name), address);
  const inRepository = (address) => posix.join(posix.dirname(source), decodeURIComponent(address));
  const resolve = (link) => {
    if (/^([a-z]+:|#)/i.test(link)) return link;
    const [path, anchor] = link.split('#');
    const page = pages.get(inRepository(path));
    return page && `${relative(page)}${anchor ? `#${anchor}` : ''}`;
  };
  markdown.core.ruler.push('links', ({ tokens }) => {
    for (const token of tokens) {
      const stack = [];
      for (const child of token.children ?? []) {
        if (child.type === 'image') {
          child.attrSet('src', relative(inRepository(child.attrGet('src')).replace(/^docs\//, '')));
        }
        if (child.type === 'link_open') {
          const href = resolve(child.attrGet('href'));
          if (href) child.attrSet('href', href);
          else [child.tag, child.attrs] = ['span', null];
          stack.push(child.tag);
        }
        if (child.type === 'link_close') child.tag = stack.pop();
      }
    }
  });
  markdown.renderer.rules.table_open = () => '<div class="scroll" tabindex="0"><table>';
  markdown.renderer.rules.table_close = () => '</table></div>';
}

function page(name, title, body) {
  const root = '../'.repeat(name.split('/').length);
  const home = '../'.repeat(name.split('/').length - 1) || './';
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escaped(title)}${title === 'executorch-web' ? '' : ' · executorch-web'}</title>
    <link rel="icon" href="${root}icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="${root}css/base.css" />
    <link rel="stylesheet" href="${root}css/controls.css" />
    <link rel="stylesheet" href="${root}css/layout.css" />
    <link rel="stylesheet" href="${root}css/docs.css" />
    <script src="${root}js/theme.js"></script>
  </head>
  <body>
    <a class="skip" href="#text">Skip to the text</a>
    <header class="bar">
      <a class="brand" href="${root}">executorch-web</a>
      <nav class="links" aria-label="Page">
        <a href="${root}">Demo</a>
        <a href="${home}index.html">All pages</a>
      </nav>
    </header>
    <main id="text" class="document" tabindex="-1">
${body}    </main>
  </body>
</html>
`;
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
