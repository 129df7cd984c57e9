// js/compat/peers.json -> js/compat/generated: a stand-in for every name that a living version of React Native
// ExecuTorch exports and we do not. `--check` only compares, for lint.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './lib/cache.mjs';
import { writeGenerated } from './lib/generated.mjs';
import { entry } from './lib/run.mjs';

// {entry of ours, versions whose names it must have, the one whose hooks have texts as `error`, module with what really exists}
const ENTRIES = [
  { file: 'root', apis: ['0.10', '0.6'], texts: '0.6', real: ['js/library.ts'] },
  {
    file: 'legacy',
    apis: ['0.10/legacy', '0.9', '0.8', '0.7'],
    real: ['js/compat/legacy/real.ts'],
  },
];

const DEFAULTS = { boolean: false, number: 0, string: '', array: [], other: null };

const HEAD = (
  file,
) => `// Generated from js/compat/peers.json by scripts/generate-compat.mjs. Do not edit.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars -- types of things that are not here fit everywhere */
import {
${HELPERS[file] ?? ''}} from '../stand-ins.js';
`;

const HELPERS = {};

/** {name: fact} of several versions; of one that differs the first has its say, fields and members of all are kept. */
function merged(peers, apis) {
  const all = {};
  for (const api of apis) {
    for (const [name, fact] of Object.entries(peers[api])) {
      const known = all[name];
      if (!known) all[name] = structuredClone(fact);
      else if (known.kind === fact.kind) mergeInto(known, fact);
    }
  }
  return all;
}

function mergeInto(known, fact) {
  for (const list of ['methods', 'statics', 'members']) {
    if (fact[list]) known[list] = [...new Set([...known[list], ...fact[list]])].sort();
  }
  if (fact.fields) known.fields = { ...fact.fields, ...known.fields };
  if (fact.values) known.values = { ...fact.values, ...known.values };
  if (fact.parameters) known.parameters = Math.max(known.parameters, fact.parameters);
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

function line(name, fact, shape) {
  switch (fact.kind) {
    case 'hook': {
      const fields = Object.entries(fact.fields).filter(([field]) => field !== 'error');
      const functions = fields.filter(([, kind]) => kind === 'function').map(([field]) => field);
      const values = fields
        .filter(([, kind]) => kind !== 'function')
        .map(([field, kind]) => [field, DEFAULTS[kind]]);
      const content = text({ values: Object.fromEntries(values), functions });
      return `export const ${name} = /* @__PURE__ */ absentHook(${text(name)}, ${content}, ${text(shape)});`;
    }
    case 'class':
      return (
        `export const ${name} = /* @__PURE__ */ absentClass(${text(name)}, ${text(fact.methods)}, ${text(fact.statics)});\n` +
        `export type ${name}${parameters(3)} = any;`
      );
    case 'namespace':
      return `export const ${name} = /* @__PURE__ */ absentNamespace(${text(name)}, ${text(fact.members)});`;
    case 'function':
      return `export const ${name} = /* @__PURE__ */ absentFunction(${text(name)});`;
    case 'constant':
      return `export const ${name} = /* @__PURE__ */ absentModel(${text(name)});`;
    case 'enum':
      return (
        `export const ${name} = /* @__PURE__ */ Object.freeze(${text(fact.values)} as const);\n` +
        `export type ${name} = (typeof ${name})[keyof typeof ${name}];`
      );
    default:
      return `export type ${name}${parameters(fact.parameters)} = any;`;
  }
}

/** Optional type parameters that stand for anything. */
function parameters(count) {
  if (!count) return '';
  const names = Array.from({ length: count }, (_, i) => `_${i} = any`);
  return `<${names.join(', ')}>`;
}

function generate({ file, apis, texts, real }, peers) {
  const ours = exportsOf(real);
  const missing = Object.entries(merged(peers, apis))
    .filter(([name]) => !ours.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const shapeOf = (name) => {
    if (!texts || !(name in peers[texts])) return 'object';
    return apis.some((api) => api !== texts && name in peers[api]) ? 'either' : 'text';
  };
  const lines = missing.map(([name, fact]) => line(name, fact, shapeOf(name)));
  const used = ['absentClass', 'absentFunction', 'absentHook', 'absentModel', 'absentNamespace'];
  const body = lines.join('\n');
  HELPERS[file] = used
    .filter((helper) => body.includes(`${helper}(`))
    .map((helper) => `  ${helper},\n`)
    .join('');
  return `${HEAD(file)}\n${body}\n`;
}

await entry(() => {
  const peers = JSON.parse(readFileSync(join(ROOT, 'js/compat/peers.json'), 'utf8'));
  const files = ENTRIES.map((one) => [`js/compat/generated/${one.file}.ts`, generate(one, peers)]);
  writeGenerated(Object.fromEntries(files), 'generate-compat.mjs');
});
