// Reads traces of Chromium.

/** The renderer process of the page that a trace was taken of. */
export function processOf({ traceEvents }, url) {
  const start = traceEvents.find(({ name }) => name === 'TracingStartedInBrowser');
  const frames = start?.args.data.frames ?? [];
  return frames.find((frame) => frame.isInPrimaryMainFrame && frame.url === url)?.processId;
}

/**
 * {longest, longestCpu, over50}: milliseconds of the longest task by the clock and by processor time, and the
 * milliseconds by which tasks exceeded 50 ms, summed (as web performance counts "blocking time").
 */
export function longestTasks({ traceEvents }, pid) {
  const main = traceEvents.find(
    (event) =>
      event.name === 'thread_name' && event.pid === pid && event.args.name === 'CrRendererMain',
  );
  if (!main) throw new Error(`the trace does not hold the main thread of process ${pid}`);
  const tasks = traceEvents.filter(
    ({ name, ph, pid: owner, tid }) =>
      owner === pid && tid === main.tid && ph === 'X' && /RunTask$/.test(name),
  );
  if (tasks.length === 0) throw new Error(`the trace holds no task of process ${pid}`);
  const clock = tasks.map(({ dur = 0 }) => dur / 1000);
  const cpu = tasks.map(({ tdur = 0 }) => tdur / 1000);
  return {
    longest: Math.max(...clock),
    longestCpu: Math.max(...cpu),
    over50: clock.reduce((sum, ms) => sum + Math.max(0, ms - 50), 0),
  };
}
