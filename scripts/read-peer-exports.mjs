// What each living version of React Native ExecuTorch exports, as facts: names, kinds, the fields of what hooks return, what
// functions return, the members of classes, the values of enumerations and of constants (no sentences). Reads the declarations
// in the npm packages and writes js/compat/peers.json, from which generate-compat.mjs makes the stand-ins.
//
//   node scripts/read-peer-exports.mjs            writes the file
//   node scripts/read-peer-exports.mjs --check    exits with 1 where it is stale, and says what is new
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './lib/cache.mjs';
import { APIS, declarationsOf, SUBPATHS } from './lib/peers.mjs';
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
  return exportsOf(checker, module);
}

function exportsOf(checker, module) {
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
  if (flags & ts.SymbolFlags.ValueModule) {
    const members = Object.entries(exportsOf(checker, symbol)).filter(([, fact]) => isValue(fact));
    return { kind: 'namespace', members: Object.fromEntries(members) };
  }
  if (!(flags & ts.SymbolFlags.Value)) return typeFact(symbol);
  const [declaration] = symbol.declarations;
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  const [signature] = type.getCallSignatures();
  if (!signature) return constantFact(checker, name, type, declaration);
  if (/^use[A-Z]/.test(name)) {
    return { kind: 'hook', fields: kindsOf(checker, signature.getReturnType(), declaration) };
  }
  return { kind: 'function', returns: kindOf(checker, signature.getReturnType()) };
}

function enumValues(checker, symbol) {
  const members = [...symbol.exports.values()].filter((one) => one.valueDeclaration);
  return Object.fromEntries(
    members.map((one) => [one.name, checker.getConstantValue(one.valueDeclaration)]),
  );
}

function classFact(checker, symbol) {
  const [declaration] = symbol.declarations;
  const statics = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  return {
    kind: 'class',
    methods: kindsOf(checker, checker.getDeclaredTypeOfSymbol(symbol), declaration, isCallable),
    statics: kindsOf(checker, statics, declaration, isCallable),
  };
}

const isCallable = (kind) => kind.includes('()');

const isValue = ({ kind }) => kind !== 'type';

function typeFact(symbol) {
  const parameters = symbol.declarations.map((one) => one.typeParameters?.length ?? 0);
  return { kind: 'type', parameters: Math.max(0, ...parameters) };
}

/** {name of a member: its kind}; see {@link kindOf}. */
function kindsOf(checker, type, place, wanted = () => true) {
  const members = checker
    .getPropertiesOfType(type)
    .filter(({ name }) => name !== 'prototype' && !name.startsWith('__'))
    .map((one) => [one.name, kindOf(checker, checker.getTypeOfSymbolAtLocation(one, place))])
    .filter(([, kind]) => wanted(kind));
  return sorted(Object.fromEntries(members));
}

/**
 * 'boolean' | 'number' | 'string' | 'array' | 'object'; 'null' or 'undefined' for what may be that; `()` and what is returned
 * for a function ('()promise', '()void', '()iterable', '()number' …), with null or undefined before it where it may be absent.
 */
function kindOf(checker, type) {
  const parts = type.isUnion() ? type.types : [type];
  const has = (flag) => parts.some(({ flags }) => flags & flag);
  const absent =
    (has(ts.TypeFlags.Null) && 'null') || (has(ts.TypeFlags.Undefined) && 'undefined') || '';
  const one = checker.getNonNullableType(type);
  const [signature] = one.getCallSignatures();
  if (signature) return `${absent}()${returned(checker, signature.getReturnType())}`;
  return absent || plainKind(checker, one);
}

function returned(checker, type) {
  if (type.flags & ts.TypeFlags.Void) return 'void';
  const name = type.getSymbol()?.name ?? '';
  if (name === 'Promise') return 'promise';
  return /^Async(Generator|Iterable)/.test(name) ? 'iterable' : kindOf(checker, type);
}

function plainKind(checker, type) {
  const parts = type.isUnion() ? type.types : [type];
  const all = (flag) => parts.every(({ flags }) => flags & flag);
  if (parts.every((one) => checker.isArrayLikeType(one))) return 'array';
  if (all(ts.TypeFlags.BooleanLike)) return 'boolean';
  if (all(ts.TypeFlags.NumberLike)) return 'number';
  return all(ts.TypeFlags.StringLike) ? 'string' : 'object';
}

/** A constant's value as far as its type tells; of lists of all models only the names. */
function constantFact(checker, name, type, place) {
  if (/^(models|MODEL_REGISTRY)$/.test(name)) {
    return { kind: 'models', groups: groupsOf(checker, type, place) };
  }
  const value = valueOf(checker, type, place);
  const isData = typeof value !== 'object' || Array.isArray(value);
  // Prompts are sentences of theirs: it is told that there is a text, not which.
  const isProse = typeof value === 'string' && value.includes(' ');
  return { kind: isData ? 'data' : 'model', value: isProse ? '' : value };
}

function groupsOf(checker, type, place) {
  const names = (one) => checker.getPropertiesOfType(one).map((member) => member.name);
  const entries = checker.getPropertiesOfType(type).map((group) => {
    return [group.name, names(checker.getTypeOfSymbolAtLocation(group, place)).sort()];
  });
  return sorted(Object.fromEntries(entries));
}

/** The value that a type of literals states. Where it states none: '' 0 false [] {}, by its kind; so for the addresses of models. */
function valueOf(checker, type, place, depth = 0) {
  const one = checker.getNonNullableType(type);
  if (one.isLiteral()) return isAddress(one.value) && depth > 0 ? '' : one.value;
  if (checker.isTupleType(one)) return tupleOf(checker, one, place, depth);
  const neutral = { string: '', number: 0, boolean: one.intrinsicName === 'true', array: [] };
  const kind = kindOf(checker, one);
  if (kind in neutral) return neutral[kind];
  if (isCallable(kind) || depth > 3) return undefined;
  const members = checker.getPropertiesOfType(one).map((member) => {
    const found = checker.getTypeOfSymbolAtLocation(member, place);
    return [member.name, valueOf(checker, found, place, depth + 1)];
  });
  return Object.fromEntries(members);
}

const isAddress = (value) => typeof value === 'string' && value.startsWith('https://');

function tupleOf(checker, type, place, depth) {
  const parts = checker.getTypeArguments(type);
  const isWhole = type.target.elementFlags.every((flag) => flag === ts.ElementFlags.Required);
  return isWhole ? parts.map((one) => valueOf(checker, one, place, depth + 1)) : [];
}

function sorted(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** All APIs: {api: {name: fact}}. */
export async function readPeers() {
  const peers = {};
  for (const one of [...APIS, ...SUBPATHS]) peers[one.api] = await factsOf(one);
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
