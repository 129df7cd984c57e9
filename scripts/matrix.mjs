// npm run matrix [-- NAME …]: the packed package in other people's tools, each opened in Chromium where it makes
// pages. Without names all; `npm test` runs the cheap ones only (tests/browser/pages-packed.test.mjs).
import { entry, say } from './lib/run.mjs';
import { installModules } from './lib/steps.mjs';

await entry(async () => {
  await installModules();
  const { packPackage } = await import('../tests/matrix/lib/kit.mjs');
  const { HEAVY, toolVersion } = await import('../tests/matrix/lib/heavy.mjs');
  const words = process.argv.slice(2);
  const names = Object.keys(HEAVY).filter(
    (name) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  const packed = packPackage();
  say(`packed: ${packed.size} bytes, ${packed.unpackedSize} unpacked, ${packed.entryCount} files`);
  const rows = [];
  for (const name of names) {
    say(name);
    rows.push(await attempt(name, HEAVY[name], packed.folder, toolVersion));
  }
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, version, result, configured } of rows) {
    process.stdout.write(`${name.padEnd(width)}  ${version.padEnd(9)}  ${result}  ${configured}\n`);
  }
  const failed = rows.filter(({ ok }) => !ok).length;
  process.stdout.write(`\n${rows.length - failed} passed, ${failed} failed\n`);
  if (failed > 0) process.exitCode = 1;
});

async function attempt(name, { run, configured = 'nothing' }, packed, toolVersion) {
  try {
    const { folder, label, workers, problems } = await run(packed);
    for (const problem of problems) say(`  ${problem}`);
    const result = workers === undefined ? label : `${label}, ${workers} worker`;
    return { name, ok: true, version: toolVersion(name, folder), result, configured };
  } catch (error) {
    process.stdout.write(`${error.message}\n`);
    return { name, ok: false, version: '', result: error.message.split('\n')[0], configured };
  }
}
