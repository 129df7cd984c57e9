/** Words to the developer, on the console. */

const said = new Set<string>();

export function warn(message: string): void {
  console.warn(`executorch-web: ${message}`);
}

/** Once per thread and subject. */
export function warnOnce(subject: string, message: string): void {
  if (said.has(subject)) return;
  said.add(subject);
  warn(message);
}
