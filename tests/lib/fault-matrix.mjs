// The fault matrix: a load while something is wrong, then one from a server that is well. Whatever happened, the second
// load must give the right model and keep it. `EW_FAULTS=all` runs every scenario on every store and prints the table.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CHUNK, GOOD, QUICK, SCENARIOS, WRONG_UPDATES } from './fault-scenarios.mjs';
import { startHub } from './hub.mjs';

const isFull = process.env.EW_FAULTS === 'all';
const rows = [];

let hub;
before(async () => {
  hub = await startHub();
});
after(async () => {
  await hub?.close();
  report();
});

/**
 * Declares the tests of one kind of store: `open()` resolves to a place of fault-stores.mjs, `skip` is why there is none
 * here, `isWhole` runs the scenarios that take long, too.
 */
export function faultMatrix(kind, open, { skip = false, isWhole = isFull } = {}) {
  describe(`faults with the store '${kind}'`, { skip }, () => {
    let place;
    let right;
    before(async () => {
      place = await open();
      right = await place.load(hub.put(`/right-${kind}.pte`, GOOD).url);
      assert.equal(right.sees, 'loaded', right.message);
    });
    after(() => place?.close());

    const names = isWhole ? Object.keys(SCENARIOS) : QUICK;
    for (const [i, name] of names.entries()) {
      test(name, async () => {
        const { what = GOOD, how = {}, pin = false, tamper, then = {}, fresh } = SCENARIOS[name];
        const path = `/${kind}-${i}/model.pte`;
        const faults = how.faults?.slice();
        const { url } = hub.put(path, what, { ...how, ...(faults && { faults }) });
        hub.forget();
        const pins = pin ? { [url]: { sha256: hub.put(`${path}-good`, GOOD).sha256 } } : {};
        const first = await place.load(url, { pins });
        if (tamper) await place.tamper(url, tamper);
        hub.put(path, GOOD, then);
        const second = await place.load(url, { pins, ...(fresh && { freshness: 'check' }) });
        const twice = Math.max(0, hub.sent() - GOOD.length);
        rows.push({ kind, name, sees: first.sees, then: second.sees, twice });
        assert.equal(
          second.output,
          right.output,
          `the second load: ${second.sees} ${second.message ?? ''}`,
        );
        assert.equal(second.kept, true, `not kept: ${JSON.stringify(second)}`);
        hub.forget();
        const third = await place.load(url, { pins });
        assert.equal(third.output, right.output);
        assert.equal(hub.sent(), 0, 'what is kept is fetched again');
      });
    }

    for (const [i, name] of Object.keys(WRONG_UPDATES).entries()) {
      test(`in place of the file: ${name}`, async () => {
        const { what, how } = WRONG_UPDATES[name];
        const path = `/${kind}-update-${i}/model.pte`;
        const { url } = hub.put(path, GOOD);
        await place.load(url);
        const expectGood = async (settings) => {
          const { output, sees, message } = await place.load(url, settings);
          assert.equal(output, right.output, `${sees} ${message ?? ''}`);
        };
        hub.put(path, what, how);
        hub.forget();
        await expectGood({ freshness: 'check' });
        const once = hub.sent();
        await expectGood({ freshness: 'check' });
        // What nothing tells from other files, and answers that are none, are asked for each time.
        const isKnown = what.length > CHUNK && how?.etag !== null;
        if (isKnown) assert.ok(hub.sent() - once < 1000, 'it was fetched again');
        hub.put(path, what, { ...how, faults: Array.from({ length: 40 }, () => ({ cut: 0 })) });
        await expectGood({});
        await expectGood({ freshness: 'check' });
      });
    }
  });
}

function report() {
  const failed = rows.filter(({ then }) => then !== 'loaded').length;
  console.log(
    `${rows.length} scenarios of faults, ${rows.length - failed} healed by the next load`,
  );
  if (!isFull) return;
  for (const { kind, name, sees, then, twice } of rows) {
    const bytes = `${(twice / 1000).toFixed(0)} kB twice`;
    console.log(`${kind.padEnd(9)} | ${name.padEnd(54)} | ${sees.padEnd(34)} | ${then} | ${bytes}`);
  }
}
