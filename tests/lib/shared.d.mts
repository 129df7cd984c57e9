import type { Entry } from './goldens.mjs';

export declare const ROOT: string;
export declare const SHARED: string;
export declare const hasShared: boolean;
export declare function readShared(path: string): Uint8Array;
// The shape is whatever the file has; tests say what they expect.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export declare function readJson(path: string): any;
export declare function manifest(set: 'tiny' | 'full' | 'onnx'): Entry[];
export declare function realEntries(): Entry[];
export declare function thirdPartyFiles(): string[];

export interface FixtureTensor {
  sizes: number[];
  scalarType: string;
  data: string;
}
export interface FixtureRun {
  inputs: FixtureTensor[];
  outputs: FixtureTensor[];
}
export interface Fixture extends FixtureRun {
  name: string;
  bytes: Uint8Array;
  what: string;
  method: string;
  tolerance: number;
  /** Further runs of the same loaded model. */
  then?: FixtureRun[];
}
export declare function fixtures(): Fixture[];
