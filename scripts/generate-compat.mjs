// js/compat/peers.json -> js/compat/generated: a stand-in for every name that a living version of React Native
// ExecuTorch exports and we do not. `--check` only compares, for lint.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { CONSTANTS } from './lib/compat-constants.mjs';
import { kindType, modelTypes, parameters } from './lib/compat-types.mjs';
import { ROOT } from './lib/cache.mjs';
import { writeGenerated } from './lib/generated.mjs';
import { SUBPATHS } from './lib/peers.mjs';
import { entry, Fail } from './lib/run.mjs';

// {entry of ours, versions whose names it must have, modules with what really exists}. Of names that 0.6 and 0.10 have, 0.6's
// facts are kept as well: what a hook is given tells which is meant.
const ENTRIES = [
  { file: 'root', apis: ['0.10', '0.6'], real: ['js/library.ts'] },
  {
    file: 'legacy',
    apis: ['0.10/legacy', '0.9', '0.8', '0.7'],
    real: ['js/compat/legacy/real.ts'],
  },
  ...SUBPATHS.map(({ api, entry: file }) => ({
    file,
    apis: [api],
    real: [`js/compat/v10/${file}.ts`],
  })),
];

const ORIGIN =
  '// Generated from js/compat/peers.json by scripts/generate-compat.mjs. Do not edit.\n';
const MODELS_HEAD = `${ORIGIN}/* eslint-disable @typescript-eslint/no-explicit-any -- models of any shape */\n`;
const HEAD = `${ORIGIN}/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars -- types of things that are not here fit everywhere */
`;

/** {name: fact} of several versions; of one that differs the first has its say, fields and members of all are kept. */
function merged(peers, apis) {
  const all = {};
  for (const api of apis) {
    for (const [name, fact] of Object.entries(peers[api])) {
      const known = all[name];
      if (!known) all[name] = { ...structuredClone(fact), apis: [api] };
      else if (known.kind === fact.kind) mergeInto(known, fact, api);
    }
  }
  return all;
}

function mergeInto(known, fact, api) {
  known.apis.push(api);
  // A hook of 0.6 and 0.10 has two shapes; see absentHookOfTwo.
  if (known.kind === 'hook' && api === '0.6') known.fieldsOfV6 = fact.fields;
  else for (const part of ['fields', 'methods', 'statics']) mergeKinds(known[part], fact[part]);
  if (fact.members) known.members = { ...fact.members, ...known.members };
  if (fact.values) known.values = { ...fact.values, ...known.values };
  if (known.kind === 'model') known.value = { ...fact.value, ...known.value };
  if (fact.parameters) known.parameters = Math.max(known.parameters, fact.parameters);
}

function mergeKinds(known = {}, kinds = {}) {
  for (const [name, kind] of Object.entries(kinds)) known[name] = both(name, known[name], kind);
}

function both(name, known, kind) {
  if (known === undefined || known === kind) return kind;
  const pair = [known, kind].sort().join(' ');
  if (pair === '()iterable ()promise') return '()promise|iterable';
  throw new Fail(`${name}: no stand-in is ${known} and ${kind}`);
}

/** Names that our own modules export, values and types. */
function exportsOf(paths) {
  const files = paths.map((path) => join(ROOT, path)).filter(existsSync);
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  const names = new Set();
  for (const file of files) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file));
    for (const symbol of checker.getExportsOfModule(module)) names.add(symbol.name);
  }
  return names;
}

const text = (value) => JSON.stringify(value);
const PURE = '/* @__PURE__ */';

/** The function of absent-errors.ts that makes the error of a name. */
function errorOf({ apis, kind }) {
  if (apis.includes('0.6') && !apis.includes('0.10')) return 'asV6';
  if (!/^0\.10(\/(?!legacy)|$)/.test(apis[0])) return 'asLegacy';
  return kind === 'namespace' || apis[0] !== '0.10' ? 'asV10Call' : 'asV10';
}

const WRITERS = {
  hook(name, fact) {
    if (fact.fieldsOfV6) return hookOfTwo(name, fact);
    const error = errorOf(fact);
    const fields = fieldsOf(fact.fields, error);
    const type = `${GENERIC}(...given: Anything[]) => ${resultType(fields)}`;
    return [`${name}: ${type}`, `absentHook(${text(name)}, ${error}, ${text(fields)})`];
  },
  class(name, { methods, statics, ...fact }) {
    const kinds = classMethods(methods);
    const made = `absentClass(${text(name)}, ${errorOf(fact)}, ${text(kinds)}, ${text(statics)})`;
    const type = `{ new (...given: Anything[]): ${name}; ${membersType(statics)} [member: string]: any }`;
    const shape = `export interface ${name}${parameters(3)} { ${membersType(kinds)} [member: string]: any }`;
    return [`${name}: ${type}`, made, shape];
  },
  namespace(name, fact) {
    const members = Object.entries(fact.members);
    const functions = members.filter(([, { kind }]) => kind === 'function');
    const kinds = Object.fromEntries(functions.map(([one, { returns }]) => [one, `()${returns}`]));
    const constants = CONSTANTS[`0.10/${name}`] ?? {};
    const data = members.filter(([, { kind }]) => kind === 'data');
    const values = {
      ...Object.fromEntries(data.map(([one, { value }]) => [one, value])),
      ...constants,
    };
    return [
      `${name}: { ${membersType(kinds)} [member: string]: any }`,
      `absentNamespace(${text(name)}, ${errorOf(fact)}, ${text(kinds)}, ${text(values)})`,
    ];
  },
  function(name, { returns, ...fact }) {
    const kind = `()${returns}`;
    const type = `${GENERIC}(...given: Anything[]) => ${kindType(kind, true)}`;
    return [`${name}: ${type}`, `absentFunction(${text(name)}, ${errorOf(fact)}, ${text(kind)})`];
  },
  model(name, { value }) {
    return [name, `absentModel(${text(name)}, ${text(value)})`];
  },
  data(name, { value }) {
    const isList = Array.isArray(value) && value.length > 0;
    if (isList || typeof value === 'number') return [name, `${text(value)} as const`];
    return [`${name}: ${Array.isArray(value) ? 'any[]' : typeof value}`, text(value)];
  },
  enum(name, { values }) {
    const type = `export type ${name} = EnumValue<typeof ${name}>;`;
    return [name, `enumeration(${text(values)} as const)`, type];
  },
};

const GENERIC = '<_0 = any, _1 = any, _2 = any, _3 = any>';

function hookOfTwo(name, { fields, fieldsOfV6 }) {
  const [v6, v10] = [fieldsOf(fieldsOfV6, 'asV6'), fieldsOf(fields, 'asV10')];
  const type = `{ (given: OfV6): ${resultType(v6)}; ${GENERIC}(...given: Anything[]): ${resultType(v10)} }`;
  const made = `absentHookOfTwo(${text(name)}, [asV6, ${text(v6)}], [asV10, ${text(v10)}])`;
  return [`${name}: ${type}`, made];
}

/** 0.6 gives its error as a text. */
const fieldsOf = (fields, error) => ({ ...fields, error: error === 'asV6' ? 'text' : 'object' });

const ERROR_TYPES = { text: 'string | null', object: 'any' };

function resultType({ error, ...fields }) {
  return `{ ${membersType(fields)} error: ${ERROR_TYPES[error]} }`;
}

function membersType(kinds) {
  return Object.entries(kinds)
    .map(([name, kind]) => `${name}: ${kindType(kind)};`)
    .join(' ');
}

/** Camera frames are of phones: null, as on classes that are here. */
const classMethods = (methods) => {
  const isForFrames = (name) => name === 'runOnFrame';
  return Object.fromEntries(
    Object.entries(methods).map(([name, kind]) => [name, isForFrames(name) ? 'null' : kind]),
  );
};

function line(name, fact) {
  if (fact.kind === 'type') return `export type ${name}${parameters(fact.parameters)} = any;`;
  const [declared, value, more] = WRITERS[fact.kind](name, fact);
  const call = /^[\w$]+\(/.test(value) ? `${PURE} ${value}` : value;
  const found = `export const ${declared} = ${call};`;
  return more ? `${found}\n${more}` : found;
}

/** What the declarations do not tell is told by hand. */
function withConstants(facts, apis) {
  for (const [name, value] of apis.flatMap((api) => Object.entries(CONSTANTS[api] ?? {}))) {
    facts[name] = { kind: Array.isArray(value) ? 'data' : 'constant', value, apis };
  }
  return facts;
}

WRITERS.constant = (name, { value }) => [name, text(value)];

function generate({ file, apis, real }, peers) {
  const ours = exportsOf(real);
  const missing = Object.entries(withConstants(merged(peers, apis), apis))
    .filter(([name]) => !ours.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const body = missing.map(([name, fact]) => line(name, fact)).join('\n');
  // The root and /legacy have modules that add these to what exists; subpaths are these.
  const isEntry = real[0].endsWith(`/v10/${file}.ts`);
  const others = isEntry && ours.size > 0 ? `export * from '../v10/${file}.js';\n` : '';
  return `${HEAD}${importsOf(body)}${others}\n${body}\n`;
}

const HELPERS = {
  '../absent-errors.js': ['asLegacy', 'asV10', 'asV10Call', 'asV6'],
  '../stand-ins.js': [
    'absentClass',
    'absentFunction',
    'absentHook',
    'absentHookOfTwo',
    'absentModel',
    'absentNamespace',
    'enumeration',
    'type Anything',
    'type EnumValue',
    'type OfV6',
  ],
};

function importsOf(body) {
  const lines = Object.entries(HELPERS).map(([from, names]) => {
    const used = names.filter((name) =>
      new RegExp(`\\b${name.replace('type ', '')}\\b`).test(body),
    );
    return used.length > 0 ? `import { ${used.join(', ')} } from '${from}';\n` : '';
  });
  return lines.join('');
}

/** ImageNet's label map as a type: a thousand names, which cost the bundle of nobody. */
function imagenetType(peers) {
  const { values } = peers['0.9'].Imagenet1kLabel;
  const members = Object.entries(values).map(([name, value]) => `  ${name} = ${value},`);
  return [
    ORIGIN,
    '/** Number of each ImageNet class. Declared only: `Imagenet1kLabel` of ../legacy/imagenet.ts has the values. */',
    `export declare enum Imagenet1kLabel {\n${members.join('\n')}\n}\n`,
  ].join('\n');
}

await entry(() => {
  const peers = JSON.parse(readFileSync(join(ROOT, 'js/compat/peers.json'), 'utf8'));
  const path = (file) => `js/compat/generated/${file}.ts`;
  const files = ENTRIES.map((one) => [path(one.file), generate(one, peers)]);
  files.push([path('imagenet-label'), imagenetType(peers)]);
  files.push([path('model-names'), `${MODELS_HEAD}\n${modelTypes(peers)}`]);
  writeGenerated(Object.fromEntries(files), 'generate-compat.mjs');
});
