/** Words to the developer, on the console. */

const said = new Set<string>();

export function warn(message: string): void {
  console.warn(`executorch-web: ${message}`);
}

/** The same message is said once per thread. */
export function warnOnce(message: string): void {
  if (said.has(message)) return;
  said.add(message);
  warn(message);
}
