/** Things that React Native ExecuTorch has and the web has not. */
import { ErrorCode, ExecutorchError } from './errors.js';

const SCHEME = 'unavailable:';

/** The address of a model that nothing here can run. */
export const absentAddress = (name: string) => `${SCHEME}${name}`;

/** What is said of it, and where to read why. */
export function absentText(name: string): string {
  return `${name} is not available on the web. What is not, and why: docs/migration.md of executorch-web, "What is not here".`;
}

/** @throws ExecutorchError PlatformNotSupported for such an address. */
export function expectNotAbsent(address: string): void {
  if (!address.startsWith(SCHEME)) return;
  throw new ExecutorchError(
    ErrorCode.PlatformNotSupported,
    absentText(address.slice(SCHEME.length)),
  );
}
