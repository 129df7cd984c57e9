// One measurement in each engine: a process for each, because an engine is chosen once in a process.
import { fork } from 'node:child_process';

const ALL = ['chromium', 'firefox', 'webkit'];

/** A line of a table: `wide` columns of words, then numbers. */
export function printRow(wide, cells) {
  console.log(
    [...wide.map((text) => text.padEnd(28)), ...cells.map((text) => text.padStart(14))].join(''),
  );
}

/** Calls `measure(engine)` in this process if it is an engine's, else `header()` and a process for each engine. */
export async function inEveryBrowser(engines, header, measure) {
  const own = process.env.EW_BENCH_ENGINE;
  if (own) return measure(own);
  header();
  for (const engine of engines.length > 0 ? engines : ALL) await inProcess(engine);
}

function inProcess(engine) {
  const child = fork(process.argv[1], process.argv.slice(2), {
    env: { ...process.env, EW_BROWSER: engine, EW_BENCH_ENGINE: engine },
  });
  return new Promise((done, failed) => {
    child.on('exit', (code) => {
      if (code === 0) done();
      else failed(new Error(`${engine}: exit code ${code}`));
    });
  });
}
