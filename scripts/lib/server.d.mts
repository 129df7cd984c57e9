import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Server {
  url: string;
  close(): Promise<void>;
  requests: string[];
}

export function serve(
  mounts: Record<string, string>,
  options?: {
    port?: number;
    host?: string;
    isolated?: boolean;
    headers?: Record<string, string>;
    handler?: (request: IncomingMessage, response: ServerResponse) => boolean;
    until?: (path: string) => Promise<void> | false | undefined;
  },
): Promise<Server>;
