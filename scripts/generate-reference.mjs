// Makes docs/reference from the TSDoc of everything public. `node scripts/generate-reference.mjs` writes it, `--check` fails
// when a committed page is not current. What TypeDoc warns of (links that lead nowhere, types without a name) is an error.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Application } from 'typedoc';
import { ROOT } from './lib/cache.mjs';
import { writeGenerated } from './lib/generated.mjs';
import { headingNames } from './lib/headings.mjs';
import { Fail, entry } from './lib/run.mjs';

const FOLDER = 'docs/reference';
const NOTE =
  '<!-- Generated from the TSDoc of js/ by scripts/generate-reference.mjs. Do not edit. -->\n\n';

/** Page → module that it describes. js/index.ts adds stand-ins to js/library.ts: docs/migration.md tells of them. */
const PAGES = {
  'executorch-web.md': 'js/library.ts',
  'legacy.md': 'js/compat/legacy/real.ts',
  'resource-fetcher.md': 'js/compat/resource-fetcher.ts',
  'inline.md': 'js/inline.ts',
  'isolation.md': 'js/isolation.ts',
};

const OPTIONS = {
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: Object.values(PAGES).map((path) => join(ROOT, path)),
  tsconfig: join(ROOT, 'tsconfig.json'),
  readme: 'none',
  disableSources: true,
  excludePrivate: true,
  excludeProtected: true,
  excludeInternal: true,
  // Types that only group others have no name of their own in the package; the page shows what they stand for.
  validation: { notExported: false, invalidLink: true, notDocumented: false },
  outputFileStrategy: 'modules',
  // What begins an app comes first.
  groupOrder: ['Hooks', 'Classes', 'Functions', 'Variables', 'Interfaces', '*', 'Enumerations'],
  // What Error has of its own is no news; Node's types add to it.
  excludeExternals: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  parametersFormat: 'table',
  propertiesFormat: 'table',
  interfacePropertiesFormat: 'table',
  enumMembersFormat: 'table',
  typeDeclarationFormat: 'table',
};

/** Path → content of every page. */
async function referencePages() {
  const folder = mkdtempSync(join(tmpdir(), 'ew-reference-'));
  try {
    const app = await Application.bootstrapWithPlugins({ ...OPTIONS, out: folder });
    const project = await app.convert();
    if (!project) throw new Fail('TypeDoc could not read the types');
    app.validate(project);
    await app.generateOutputs(project);
    if (app.logger.hasWarnings() || app.logger.hasErrors()) {
      throw new Fail('TypeDoc has complaints, see above');
    }
    return Object.fromEntries(
      Object.entries(PAGES).map(([page, source]) => [
        join(FOLDER, page),
        pageOf(folder, page, source),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What TypeDoc wrote for a module: it calls pages by the path of the module below js/. */
function pageOf(folder, page, source) {
  const path = join(folder, source.replace(/^js\//, '').replace(/\.ts$/, '.md'));
  const text = readFileSync(path, 'utf8');
  const titled = withLinks(text).replace(/^# .*/, `# ${titleOf(page)}`);
  return NOTE + titled.replace('\n\n', () => `\n\n${contentsOf(titled)}\n`);
}

/** Links to everything on a page, a line per group. */
function contentsOf(text) {
  const nameOf = headingNames();
  const groups = [];
  for (const [, marks, title] of text.matchAll(/^(#+) (.*)$/gm)) {
    const link = `[${title.replace('()', '')}](#${nameOf(title.replaceAll('\\', ''))})`;
    if (marks === '##') groups.push({ title: link, names: [] });
    if (marks === '###') groups.at(-1).names.push(link);
  }
  return groups.map(({ title, names }) => `- **${title}**: ${names.join(' · ')}\n`).join('');
}

/** What users import: 'legacy.md' is of 'executorch-web/legacy'. */
function titleOf(page) {
  const name = basename(page, '.md');
  return name === 'executorch-web' ? name : `executorch-web/${name}`;
}

/** Links to the pages of other modules, by the names that these have here. */
function withLinks(text) {
  return text.replace(/\]\((?:\.\.\/)*([\w/-]+)\.md#/g, (link, module) => {
    const [page] = Object.entries(PAGES).find(([, source]) => source === `js/${module}.ts`) ?? [];
    return page ? `](${page}#` : link;
  });
}

await entry(async () => writeGenerated(await referencePages(), 'generate-reference.mjs'));
