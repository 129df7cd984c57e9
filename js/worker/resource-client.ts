/** The worker that downloads for ResourceFetcher, as the page sees it: begun when needed, ended when idle. */
import { postableConfiguration } from '../base/resource-config.js';
import type { FetchCallbacks, ResourceService } from '../downloads/service.js';
import { WorkerLink } from './link.js';
import type { ResourceMethod } from './protocol.js';

/** Milliseconds that the worker outlives its last call. */
const IDLE_MS = 5000;

class ResourceLink extends WorkerLink {
  constructor() {
    super({ type: 'start', resources: postableConfiguration() });
  }
  ask<T>(method: ResourceMethod, args: unknown[], callbacks?: FetchCallbacks): Promise<T> {
    return this.call(method, args, callbacks);
  }
  protected answer(): void {}
}

let link: ResourceLink | undefined;
let calls = 0;
let idle: ReturnType<typeof setTimeout> | undefined;

async function ask<T>(
  method: ResourceMethod,
  args: unknown[],
  callbacks?: FetchCallbacks,
): Promise<T> {
  clearTimeout(idle);
  calls++;
  const mine = (link ??= new ResourceLink());
  try {
    return await mine.ask<T>(method, args, callbacks);
  } finally {
    calls--;
    if (mine.hasFailed && link === mine) link = undefined;
    if (calls === 0) idle = setTimeout(end, IDLE_MS);
  }
}

function end(): void {
  void link?.close();
  link = undefined;
}

export const remoteService: ResourceService = {
  fetch: (url, config, callbacks) => ask('fetch', [url, config], callbacks),
  read: (url, config, callbacks) => ask('read', [url, config], callbacks),
  storage: (config) => ask('storage', [config]),
  remove: (urls, config) => ask('remove', [urls, config]),
  sizes: (urls, config) => ask('sizes', [urls, config]),
};
