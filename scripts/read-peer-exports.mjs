// What each living version of React Native ExecuTorch exports, as facts: names, kinds, the fields of what hooks
// return, the members of classes, the values of enumerations. Reads the declarations in the npm packages and writes
// js/compat/peers.json, from which generate-compat.mjs makes the stand-ins.
//
//   node scripts/read-peer-exports.mjs            writes the file
//   node scripts/read-peer-exports.mjs --check    exits with 1 where it is stale, and says what is new
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './lib/cache.mjs';
import { entry, Fail, must, say } from './lib/run.mjs';

const PACKAGE = 'react-native-executorch';
const PEERS = join(ROOT, 'build/peers');
const FACTS = join(ROOT, 'js/compat/peers.json');

// {key of the version's API, npm version, the file that declares it}
const APIS = [
  { api: '0.6', version: '0.6.0', file: 'lib/typescript/index.d.ts' },
  { api: '0.7', version: '0.7.3', file: 'lib/typescript/index.d.ts' },
  { api: '0.8', version: '0.8.4', file: 'lib/typescript/index.d.ts' },
  { api: '0.9', version: '0.9.2', file: 'lib/typescript/index.d.ts' },
  { api: '0.10/legacy', version: '0.10.2', file: 'lib/typescript/legacy/src/index.d.ts' },
  { api: '0.10', version: '0.10.2', file: 'lib/typescript/src/index.d.ts' },
];

/** The unpacked package of a version; only its declarations are kept. */
export async function peerPackage(version) {
  const folder = join(PEERS, version);
  if (existsSync(join(folder, 'package.json'))) return folder;
  mkdirSync(folder, { recursive: true });
  say(`fetching the declarations of ${PACKAGE} ${version}`);
  await must('npm', ['pack', '--silent', `${PACKAGE}@${version}`, '--pack-destination', folder]);
  const [archive] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const members = ['package/lib/typescript', 'package/package.json'];
  await must('tar', ['xzf', archive, '--strip-components=1', ...members], { cwd: folder });
  return folder;
}

async function factsOf({ version, file }) {
  const path = join(await peerPackage(version), file);
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
    mkdirSync(join(ROOT, 'js/compat'), { recursive: true });
    writeFileSync(FACTS, text);
    return;
  }
  if (readFileSync(FACTS, 'utf8') === text) return;
  throw new Fail('js/compat/peers.json is stale; run node scripts/read-peer-exports.mjs');
});
