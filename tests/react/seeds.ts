/** The examples of react-native-executorch's documentation, as programs. */
import { existsSync, readFileSync } from 'node:fs';
import { sharedPath } from './shared.js';

export interface Example {
  name: string;
  /** The text between the fences, but for the import's package. */
  code: string;
}

const PAGES = [
  '000_useClassification',
  '001_ClassificationModule',
  '002_useImageSegmentation',
  '003_useImageEmbeddings',
];

/** All code blocks of the pages; empty where ../shared is not there. */
export function examples(): Example[] {
  return PAGES.flatMap((page) => {
    const path = sharedPath(`seeds/${page}.md`);
    if (!existsSync(path)) return [];
    const blocks = [...readFileSync(path, 'utf8').matchAll(/^```typescript\n([^]*?)^```/gm)];
    return blocks.map(([, text = ''], i) => ({
      name: `${page} ${i + 1}`,
      code: text.replace("from 'react-native-executorch'", "from 'executorch-web'"),
    }));
  });
}

/**
 * A module of the example. Three pages leave something out, which is put in and nothing else is touched:
 * imports; the asynchronous handler that `// ...` stands for, as a component itself cannot await; and the
 * model and pictures that one example assumes.
 */
export function asModule({ code }: Example): string {
  const withHandler = code.replace(
    /( {2}\/\/ \.\.\.\n)([^]*)( {2}\/\/ \.\.\.\n)/,
    '$1const onPress = async () => {\n$2};\nreturn onPress;\n$3',
  );
  return missingImports(withHandler) + missingValues(withHandler) + withHandler + '\nexport {};\n';
}

function missingImports(code: string): string {
  if (code.includes("from 'executorch-web'")) return '';
  const names = ['useImageSegmentation', 'DEEPLAB_V3_RESNET50', 'DeeplabLabel'];
  const used = names.filter((name) => code.includes(name));
  return used.length > 0 ? `import { ${used.join(', ')} } from 'executorch-web';\n` : '';
}

function missingValues(code: string): string {
  if (!code.includes('catImage')) return '';
  return [
    `import { useImageEmbeddings, CLIP_VIT_BASE_PATCH32_IMAGE } from 'executorch-web';`,
    `declare const catImage: string, dogImage: string;`,
    `const model = useImageEmbeddings({ model: CLIP_VIT_BASE_PATCH32_IMAGE });\n`,
  ].join('\n');
}

/** What an example does when it runs: first what a component renders, then what happens on a press. */
export interface Parts {
  /** Statements up to the call of the hook; '' for examples without one. */
  render: string;
  press: string;
}

/** The example without its import, cut after the call of the hook. */
export function parts({ code }: Example): Parts {
  const body = code
    .replace(/^import [^]*?;\n/m, '')
    .replace(/^function App\(\) \{\n([^]*)^\}\n/m, '$1')
    .replace(/^type .*;\n/m, '');
  const cut = /^\s*const model = use\w+\(.*\);\n/m.exec(body);
  if (!cut) return { render: '', press: body };
  const end = cut.index + cut[0].length;
  return { render: body.slice(0, end), press: body.slice(end) };
}
