// What the timing pages cannot show: time per operator, and tasks of the main thread.

/** Operators of one run by name, longest first: {totalMs, wallMs, operators: [{name, count, ms}]}. */
export async function profileOperators(lab, { url, input }) {
  const bench = await lab.open('ours', { variant: 'relaxed', threads: 1, profile: true });
  try {
    await bench.call('load', { url, input });
    await bench.call('run', 8, 1500);
    const [wallMs] = await bench.call('run', 1);
    return { wallMs, ...byName(await bench.call('profile')) };
  } finally {
    await bench.close();
  }
}

function byName(times) {
  const found = new Map();
  for (const { name, segment, microseconds } of times) {
    const key = segment === null ? `${name} (portable)` : name;
    const row = found.get(key) ?? { name: key, count: 0, ms: 0 };
    found.set(key, { ...row, count: row.count + 1, ms: row.ms + microseconds / 1000 });
  }
  const operators = [...found.values()].sort((a, b) => b.ms - a.ms);
  return { totalMs: operators.reduce((sum, { ms }) => sum + ms, 0), operators };
}

/**
 * Longest tasks of the page's main thread while the model is loaded and run three times; ours goes through the
 * store then, as it does in an app.
 */
export async function traceMainThread(lab, { engine, options, url, input }) {
  const bench = await lab.open(engine, { ...options, store: undefined });
  try {
    return await bench.traced(async () => {
      await bench.call('load', { url, input });
      await bench.call('run', 3);
    });
  } finally {
    await bench.close();
  }
}
