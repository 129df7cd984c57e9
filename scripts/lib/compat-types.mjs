// Types of stand-ins: loose, but such that callbacks and what is called on results need no types of their own.

const RESULTS = {
  promise: 'Promise<any>',
  iterable: 'AsyncGenerator<any>',
  'promise|iterable': 'AsyncGenerator<any> & Promise<any>',
  array: 'any[]',
};
const PLAIN = ['boolean', 'number', 'string', 'void'];

/** The type of a kind of peers.json. @param isResult gives that of what a function returns. */
export function kindType(kind, isResult = false) {
  const [absent, result] = kind.split('()');
  if (result === undefined) return plain(absent);
  const type = RESULTS[result] ?? plain(result);
  if (isResult) return type;
  const call = `(...given: Anything[]) => ${type}`;
  return absent ? `(${call}) | ${absent}` : call;
}

const plain = (kind) => (PLAIN.includes(kind) ? kind : (RESULTS[kind] ?? 'any'));

/** Optional type parameters that stand for anything. */
export function parameters(count) {
  if (!count) return '';
  const names = Array.from({ length: count }, (_, i) => `_${i} = any`);
  return `<${names.join(', ')}>`;
}

/** Names of all models that `models` of 0.9 and of 0.10 have, by group. */
export function modelTypes(peers) {
  const both = { ...peers['0.9'].models.groups };
  for (const [group, names] of Object.entries(peers['0.10/legacy'].models.groups)) {
    both[group] = [...new Set([...(both[group] ?? []), ...names])].sort();
  }
  const v10 = peers['0.10'].models.groups;
  return (
    `/** 0.9, and 0.10's \`/legacy\`. */\n${groupsType('LegacyModelNames', both)}\n` +
    `/** 0.10. */\n${groupsType('ModelNames', v10)}\n` +
    `/** 0.8's MODEL_REGISTRY. */\n${groupsType('RegistryNames', peers['0.8'].MODEL_REGISTRY.groups)}`
  );
}

function groupsType(name, groups) {
  const lines = Object.entries(groups).map(([group, names]) => {
    return `  ${group}: { ${names.map((one) => `${one}: any`).join('; ')} };`;
  });
  return `export interface ${name} {\n${lines.join('\n')}\n}\n`;
}
