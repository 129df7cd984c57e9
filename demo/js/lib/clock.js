/** How fine this page's clock is: whole milliseconds in some engines, unless the page is isolated. */

/** No finer than anything that is worth telling. */
const FINEST = 0.01;
const STEPS = 5;

let known;

/** The step of the clock in milliseconds, found once by watching it: a few steps long at most. */
export function clockTick() {
  known ??= measureTick(() => performance.now());
  return known;
}

/** The smallest of some steps: others may be longer, because something else ran meanwhile. */
export function measureTick(now) {
  let least = Infinity;
  for (let i = 0, last = now(); i < STEPS; i++) {
    let next = now();
    while (next === last) next = now();
    least = Math.min(least, next - last);
    last = next;
  }
  // 0.1 is 0.0999999 in the arithmetic of clocks.
  return Math.max(FINEST, Number(least.toPrecision(2)));
}

/** What the mean of so many times can be told from nothing, in milliseconds. */
export const finest = (runs = 1) => Math.max(FINEST, clockTick() / Math.sqrt(runs));
