// Every public symbol is documented, and so are the members of public classes and interfaces.
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './lib/cache.mjs';
import { Fail, entry } from './lib/run.mjs';

/** Prints what has no TSDoc; returns how much that is. */
export function checkDocs() {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  // js/index.ts adds stand-ins to js/library.ts; they are generated, and their module says what they are.
  const paths = ['js/library.ts', 'js/compat/legacy/real.ts', 'js/inline.ts', 'js/isolation.ts'];
  const entries = paths.map((path) => join(ROOT, path));
  const declarations = ['js/base/build.d.ts', 'js/core/ew-wasm.d.ts'].map((path) =>
    join(ROOT, path),
  );
  const program = ts.createProgram([...entries, ...declarations], options);
  const checker = program.getTypeChecker();
  const missing = new Set();
  const counts = { names: 0, members: 0 };
  for (const path of entries) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(path));
    for (const exported of checker.getExportsOfModule(module)) {
      const alias = exported.flags & ts.SymbolFlags.Alias;
      const symbol = alias ? checker.getAliasedSymbol(exported) : exported;
      counts.names++;
      if (!isDocumented(symbol, checker)) missing.add(`${exported.name} (${place(symbol)})`);
      for (const member of membersOf(symbol)) {
        counts.members++;
        if (!isDocumented(member, checker)) {
          missing.add(`${exported.name}.${member.name} (${place(member)})`);
        }
      }
    }
  }
  for (const name of [...missing].sort()) process.stdout.write(`not documented: ${name}\n`);
  process.stdout.write(`${counts.names} public names and ${counts.members} members looked at\n`);
  return missing.size;
}

function isDocumented(symbol, checker) {
  return (
    symbol.getDocumentationComment(checker).length > 0 || symbol.getJsDocTags(checker).length > 0
  );
}

/** Public methods and properties of a class or an interface. */
function membersOf(symbol) {
  if (!(symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface))) return [];
  const { Method, Property, Accessor } = ts.SymbolFlags;
  const all = [...(symbol.members?.values() ?? []), ...(symbol.exports?.values() ?? [])];
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return all.filter(
    ({ flags, declarations = [] }) =>
      flags & (Method | Property | Accessor) &&
      !(flags & ts.SymbolFlags.Prototype) &&
      declarations.every((one) => !(ts.getCombinedModifierFlags(one) & hidden)),
  );
}

function place(symbol) {
  const [declaration] = symbol.declarations ?? [];
  const path = declaration?.getSourceFile().fileName ?? '';
  return path.startsWith(ROOT) ? path.slice(ROOT.length + 1) : path;
}

if (import.meta.filename === process.argv[1]) {
  await entry(async () => {
    const count = checkDocs();
    if (count > 0) throw new Fail(`${count} public symbols are not documented`);
  });
}
