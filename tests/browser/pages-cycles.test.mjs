// Memory of the browser after loading, running and deleting a model over and over; 100 times: tests/bench/cycles.mjs.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { measureCycles } from '../bench/cycles.mjs';
import { lacks } from '../lib/engines.mjs';
import { hasShared } from '../lib/shared.mjs';

const CYCLES = 12;
const skip =
  lacks('devtools') ||
  (!hasShared && 'needs ../shared') ||
  (!existsSync('/proc/self/smaps_rollup') && 'needs Linux');

test(
  'after a dozen models of 14 MB the browser holds what it held after the first',
  { skip },
  async () => {
    const { bytes } = await measureCycles(CYCLES, {
      model: { modelSource: '/shared/models/real/mobilenet_v2_imagenet1k_fp32.pte' },
      picture: '/shared/data/images/imagenet/n01440764_tench.JPEG',
    });
    const [first] = bytes;
    // One value may catch a collection that is under way; the least of three does not.
    const last = Math.min(...bytes.slice(-3));
    console.log(`first ${(first / 1e6).toFixed(1)} MB, last ${(last / 1e6).toFixed(1)} MB`);
    assert.ok(last <= first * 1.1, `${last} of ${first}`);
  },
);
