// What each living version of React Native ExecuTorch exports, as facts: names, kinds, the fields of what hooks
// return, the members of classes, the values of enumerations. Reads the declarations in the npm packages and writes
// js/compat/peers.json, from which generate-compat.mjs makes the stand-ins.
//
//   node scripts/read-peer-exports.mjs            writes the file
//   node scripts/read-peer-exports.mjs --check    exits with 1 where it is stale, and says what is new
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './lib/cache.mjs';
import { APIS, declarationsOf } from './lib/peers.mjs';
import { entry, Fail } from './lib/run.mjs';

const FACTS = join(ROOT, 'js/compat/peers.json');

async function factsOf(api) {
  const path = await declarationsOf(api);
  const program = ts.createProgram([path], {
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    strict: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(path));
  const facts = {};
  for (const symbol of checker.getExportsOfModule(module)) {
    const aliased = symbol.flags & ts.SymbolFlags.Alias;
    const target = aliased ? checker.getAliasedSymbol(symbol) : symbol;
    facts[symbol.name] = factOf(checker, symbol.name, target);
  }
  return sorted(facts);
}

function factOf(checker, name, symbol) {
  const { flags } = symbol;
  if (flags & ts.SymbolFlags.Enum) return { kind: 'enum', values: enumValues(checker, symbol) };
  if (flags & ts.SymbolFlags.Class) return classFact(checker, symbol);
  if (flags & ts.SymbolFlags.ValueModule) return namespaceFact(checker, symbol);
  if (!(flags & ts.SymbolFlags.Value)) return typeFact(symbol);
  const [declaration] = symbol.declarations;
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  const [signature] = type.getCallSignatures();
  if (!signature) return { kind: 'constant' };
  if (/^use[A-Z]/.test(name)) {
    return { kind: 'hook', fields: fieldsOf(checker, signature.getReturnType(), declaration) };
  }
  return { kind: 'function' };
}

function enumValues(checker, symbol) {
  const members = [...symbol.exports.values()].filter((one) => one.valueDeclaration);
  return Object.fromEntries(
    members.map((one) => [one.name, checker.getConstantValue(one.valueDeclaration)]),
  );
}

function classFact(checker, symbol) {
  const [declaration] = symbol.declarations;
  const methods = (type) =>
    checker
      .getPropertiesOfType(type)
      .filter((one) => one.flags & ts.SymbolFlags.Method)
      .map((one) => one.name)
      .filter((name) => name !== 'prototype')
      .sort();
  const statics = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  return {
    kind: 'class',
    methods: methods(checker.getDeclaredTypeOfSymbol(symbol)),
    statics: methods(statics),
  };
}

function namespaceFact(checker, symbol) {
  const functions = [...checker.getExportsOfModule(symbol)].map((one) => {
    const aliased = one.flags & ts.SymbolFlags.Alias;
    return { name: one.name, target: aliased ? checker.getAliasedSymbol(one) : one };
  });
  const values = functions.filter(({ target }) => target.flags & ts.SymbolFlags.Value);
  return { kind: 'namespace', members: values.map(({ name }) => name).sort() };
}

function typeFact(symbol) {
  const parameters = symbol.declarations.map((one) => one.typeParameters?.length ?? 0);
  return { kind: 'type', parameters: Math.max(0, ...parameters) };
}

/** 'boolean' | 'number' | 'string' | 'array' | 'function' | 'other', by the type of each field. */
function fieldsOf(checker, type, place) {
  const fields = {};
  for (const field of checker.getPropertiesOfType(type)) {
    const whole = checker.getTypeOfSymbolAtLocation(field, place);
    const one = checker.getNonNullableType(whole);
    const isNullable = one !== whole;
    fields[field.name] =
      isNullable && !one.getCallSignatures().length ? 'other' : sort(checker, one);
    // A function that may be absent (0.10's classify) is absent as long as nothing is loaded.
    if (isNullable && one.getCallSignatures().length > 0) fields[field.name] = 'other';
  }
  return sorted(fields);
}

function sort(checker, type) {
  if (type.getCallSignatures().length > 0) return 'function';
  if (checker.isArrayType(type)) return 'array';
  if (type.flags & ts.TypeFlags.BooleanLike || type.flags & ts.TypeFlags.Boolean) return 'boolean';
  if (type.flags & ts.TypeFlags.NumberLike) return 'number';
  if (type.flags & ts.TypeFlags.StringLike) return 'string';
  return 'other';
}

function sorted(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** All APIs: {api: {name: fact}}. */
export async function readPeers() {
  const peers = {};
  for (const one of APIS) peers[one.api] = await factsOf(one);
  return peers;
}

await entry(async () => {
  const text = `${JSON.stringify(await readPeers())}\n`;
  if (!process.argv.includes('--check')) {
    writeFileSync(FACTS, text);
    return;
  }
  // The file is formatted by prettier.
  if (`${JSON.stringify(JSON.parse(readFileSync(FACTS, 'utf8')))}\n` === text) return;
  throw new Fail('js/compat/peers.json is stale; run node scripts/read-peer-exports.mjs');
});
