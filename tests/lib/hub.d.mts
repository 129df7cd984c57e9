export interface Fault {
  cut?: number;
  stall?: number;
  status?: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  empty?: boolean;
  shift?: number;
  bytes?: Uint8Array;
}
export interface How {
  ranges?: boolean;
  etag?: string | null;
  lastModified?: string;
  length?: boolean;
  gzip?: boolean;
  rate?: number | undefined;
  hold?: number | undefined;
  redirect?: boolean | string;
  parts?: number | 'gzip' | 'cut' | 'bare' | 'short' | undefined;
  conditional?: boolean;
  pointer?: boolean;
  cors?: boolean;
  partCors?: boolean;
  type?: string;
  headers?: Record<string, string>;
  faults?: (Fault | undefined)[];
}
export interface HubRequest {
  method: string;
  path: string;
  range: string | undefined;
  status: number;
  sent: number;
  headers: Record<string, string | undefined>;
}
export interface Hub {
  url: string;
  requests: HubRequest[];
  put(path: string, bytes: Uint8Array, how?: How): { url: string; sha256: string; how: How };
  remove(path: string): void;
  downloadsOf(path: string): HubRequest[];
  sent(): number;
  forget(): void;
  disconnect(): void;
  close(): Promise<void>;
}
export function startHub(): Promise<Hub>;
export function fakeModel(size: number, seed?: number): Uint8Array;
export function sha256(bytes: Uint8Array): string;
