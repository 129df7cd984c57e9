// No engine: what a page itself takes.
export function createEngine() {
  return {};
}
