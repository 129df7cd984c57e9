// npm start: sets up, builds, classifies a photo in the terminal, then
// serves the demo. EW_NO_SERVE=1 or --no-serve ends after the terminal part; PORT chooses the port.
import { ROOT } from './lib/cache.mjs';
import { entry, must, say } from './lib/run.mjs';
import { serveAtOrNear } from './lib/server.mjs';
import { copyWasm, declare } from './lib/bundle.mjs';
import { SITE, addBinaries, assembleSite } from './lib/site.mjs';
import { WASM_VARIANTS, buildLibrary, cmakeBuild } from './lib/steps.mjs';

const HELP = `Usage: npm start [-- --no-serve]

Sets up and builds what is missing, classifies a photo in the terminal, serves the demo.

  --no-serve      end after the terminal part (also: EW_NO_SERVE=1)
  --help          show this and do nothing
  PORT=8080       the port of the demo (environment)
`;
const PORT = Number(process.env.PORT ?? 8080);
/** The module, without the programs that test its kernels. */
const CORE = ['ew_wasm'];

const MODEL = 'models/photo/efficientnet_lite0_int8.pte';
const SAMPLE = 'models/photo/samples/espresso.jpg';

/** A photo through the photo model; the command knows the names of ImageNet's classes itself. */
async function classifySample() {
  const args = ['dist/cli.js', 'classify', MODEL, SAMPLE];
  process.stdout.write(`\n$ node ${args.join(' ')}\n`);
  await must(process.execPath, args, { cwd: ROOT });
}

/** Builds that the terminal does not need: variant → when it is there. A browser that wants one waits for it. */
const later = new Map();

/** The wanted port, or a free one where that is taken. Ctrl+C ends the process and with it the server. */
async function serveDemo() {
  const until = (path) => later.get(/^\/dist\/wasm\/([^/]+)\//.exec(path)?.[1]);
  const { url } = await serveAtOrNear({ '/': SITE }, { port: PORT, isolated: true, until });
  process.stdout.write(
    `\nThe demo is at ${url}/ (Ctrl+C ends it)\n` +
      `Hooks in React: ${url}/react.html\n` +
      'To use it in an app: docs/getting-started.md; with a model of yours: docs/bring-your-own-model.md\n' +
      'Faster builds of the core follow here; a browser that wants one waits for it.\n\n',
  );
}

/** Builds a variant and adds it to what is served. One that cannot be built is not found, by those who wait for it. */
async function addVariant(variant) {
  await cmakeBuild(`wasm-${variant}`, CORE);
  copyWasm();
  addBinaries();
}

async function start() {
  say('builds what is missing (minutes the first time), classifies a photo, serves the demo');
  // What the first answer needs, and no more.
  await buildLibrary({ variants: ['simd'], targets: CORE, declarations: false });
  await classifySample();
  await assembleSite();
  if (process.env.EW_NO_SERVE || process.argv.includes('--no-serve')) return say('done');
  const rest = WASM_VARIANTS.filter((variant) => variant !== 'simd');
  let built = serveDemo();
  for (const variant of rest) {
    built = built.then(() => addVariant(variant));
    later.set(
      variant,
      built.catch(() => undefined),
    );
  }
  await built;
  await declare();
  say('all is built');
}

const args = process.argv.slice(2);
const unknown = args.find((arg) => !['--no-serve', '--help', '-h'].includes(arg));
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(HELP);
} else if (unknown !== undefined) {
  process.stderr.write(`npm start does not know '${unknown}'.\n\n${HELP}`);
  process.exitCode = 2;
} else {
  await entry(start);
}
