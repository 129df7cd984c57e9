/** How models are to be run: chosen in the device panel, kept for this visit. */
import { signal } from '../lib/signal.js';
import { link, linked } from './permalink.js';

/** Small models gain nothing from threads, which have to be started first. */
const LEAST_BYTES_FOR_THREADS = 2e6;

export const settings = {
  /** Build of the core: 'auto' or the name of a variant. */
  variant: signal(/^(simd|relaxed)(-threads)?$/.exec(linked('variant'))?.[0] ?? 'auto'),
  /** 'auto' or a number. */
  threads: signal(Number(/^[1-8]$/.exec(linked('threads'))) || 'auto'),

  /** Arguments of configure() for a model. */
  forModel({ bytes = 0 }) {
    const threads = this.threads.value;
    const isSmall = bytes > 0 && bytes < LEAST_BYTES_FOR_THREADS;
    return {
      variant: this.variant.value,
      threads: threads === 'auto' && isSmall ? 1 : threads,
    };
  },
};

settings.variant.watch((variant) => link({ variant }));
settings.threads.watch((threads) => link({ threads }));
