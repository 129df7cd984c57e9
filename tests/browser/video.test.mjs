// Videos, tracks and the camera in a browser: real frames, real workers. The models are the built-in ones.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBrowser } from '../lib/browser.mjs';
import { lacks } from '../lib/engines.mjs';

/** Runs in the page: what all tests use, as window.lab. */
async function prepare() {
  const ew = await import('/dist/web-core.js');
  const sample = '/models/builtin/samples/';
  const [{ file, kinds }] = (await (await fetch(`${sample}samples.json`)).json()).filter(
    (one) => one.kinds.length === 1,
  );
  const facts = await (await fetch('/models/builtin/classifier_fp32.json')).json();
  const picture = await createImageBitmap(await (await fetch(sample + file)).blob());
  const module = new ew.ClassificationModule();
  await module.load({ modelSource: '/models/builtin/classifier_fp32.pte', labels: facts.labels });
  const wait = (time) => new Promise((done) => setTimeout(done, time));

  /** A canvas with the picture and a corner that changes 30 times a second; a stream of it. */
  function film() {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [picture.width, picture.height];
    const context = canvas.getContext('2d');
    let count = 0;
    const draw = () => {
      context.drawImage(picture, 0, 0);
      context.fillStyle = count++ % 2 ? 'black' : 'white';
      context.fillRect(0, 0, 4, 4);
    };
    draw();
    const timer = setInterval(draw, 1000 / 30);
    return { canvas, stream: canvas.captureStream(30), stop: () => clearInterval(timer) };
  }

  /** A <video> that plays a file of about two seconds. */
  async function fileVideo() {
    const { stream, stop } = film();
    const recorder = new window.MediaRecorder(stream, { mimeType: 'video/webm' });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((done) => (recorder.onstop = done));
    recorder.start();
    await wait(2000);
    recorder.stop();
    await stopped;
    stop();
    const video = document.createElement('video');
    document.body.append(video);
    Object.assign(video, { muted: true, src: URL.createObjectURL(new Blob(parts)) });
    return video;
  }

  /** Runs for a time; {results: [[scores, frame]], totals} or {code, message}. */
  async function run(source, time, options = {}, each = () => undefined) {
    const results = [];
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), time);
    const show = (scores, frame) => {
      results.push([scores, frame]);
      return each(scores, frame);
    };
    try {
      const all = { topk: 3, signal: controller.signal, ...options };
      const totals = await module.runOnVideo(source, show, all);
      return { results, totals };
    } catch ({ codeName, message }) {
      return { results, code: codeName, message };
    } finally {
      clearTimeout(timer);
    }
  }
  window.lab = { ew, module, kinds, picture, film, fileVideo, run, wait };
}

const ARGS = [
  '--use-fake-device-for-media-stream=fps=30',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

/** What a browser may lack, taken away before the page is loaded. */
const LACKS = {
  'with all that it has': [],
  'without track processors': ['MediaStreamTrackProcessor'],
  'without frames of its own': ['MediaStreamTrackProcessor', 'VideoFrame'],
};

const skip = lacks('locators', 'camera', 'frames');

// Mostly they wait for frames: side by side.
describe('runOnVideo', { concurrency: 3 }, () => {
  for (const [title, missing] of Object.entries(LACKS)) {
    describe(`in a browser ${title}`, { skip, concurrency: 1 }, () => {
      let browser;
      let page;
      before(async () => {
        browser = await startBrowser({ camera: true, args: ARGS });
        page = await browser.newPage('/blank', (fresh) =>
          fresh.addInitScript((names) => names.forEach((name) => delete globalThis[name]), missing),
        );
        await page.evaluate(prepare);
      });
      after(() => browser?.close());

      test('a track: what classify() says of the picture, with times that grow', async () => {
        const found = await page.evaluate(async () => {
          const { film, run, kinds } = window.lab;
          const { stream, stop } = film();
          const { results, totals, ...failure } = await run(stream.getVideoTracks()[0], 1500);
          stop();
          const labels = [...new Set(results.map(([[first]]) => first.label))];
          const frames = results.map(([, frame]) => frame);
          return { labels, kinds, frames, totals, ...failure };
        });
        assert.equal(found.code, undefined, found.message);
        assert.deepEqual(found.labels, found.kinds);
        assert.ok(found.frames.length >= 10, `${found.frames.length} results`);
        assert.equal(found.totals.results, found.frames.length);
        const times = found.frames.map(({ mediaTime }) => mediaTime);
        assert.deepEqual(
          times,
          [...new Set(times)].sort((a, b) => a - b),
        );
        assert.ok(found.frames.every(({ latency }) => latency > 0 && latency < 1000));
      });

      test('a file in a <video>: to its end, and each frame once', async () => {
        const found = await page.evaluate(async () => {
          const { fileVideo, run, kinds, picture } = window.lab;
          const video = await fileVideo();
          const running = run(video, 20_000);
          await video.play();
          const { results, totals, ...failure } = await running;
          const frames = results.map(([, frame]) => frame);
          const labels = [...new Set(results.map(([[first]]) => first.label))];
          const size = [picture.width, picture.height];
          return { frames, labels, kinds, totals, size, ended: video.ended, ...failure };
        });
        assert.equal(found.code, undefined, found.message);
        assert.ok(found.ended);
        assert.deepEqual(found.labels, found.kinds);
        const times = found.frames.map(({ mediaTime }) => mediaTime);
        assert.equal(new Set(times).size, times.length);
        assert.ok(times.at(-1) > 1 && times.at(-1) < 4, `${times.at(-1)}`);
        assert.deepEqual([found.frames[0].width, found.frames[0].height], found.size);
      });

      test('the camera is opened, shown, and released at the end', async () => {
        const found = await page.evaluate(async () => {
          const { run } = window.lab;
          let stream;
          const onCamera = (given) => (stream = given);
          const { results, totals, ...failure } = await run('camera', 1500, { onCamera });
          const states = stream.getTracks().map(({ readyState }) => readyState);
          return { count: results.length, states, totals, ...failure };
        });
        assert.equal(found.code, undefined, found.message);
        assert.ok(found.count > 5, `${found.count} results`);
        assert.deepEqual(found.states, ['ended']);
      });

      test('a slow reader: one frame at a time, the others are dropped and counted', async () => {
        const found = await page.evaluate(async () => {
          const { film, run, wait } = window.lab;
          const { stream, stop } = film();
          let [inside, most] = [0, 0];
          const { totals, ...failure } = await run(stream, 2000, {}, async () => {
            most = Math.max(most, ++inside);
            await wait(200);
            inside -= 1;
          });
          stop();
          return { totals, most, ...failure };
        });
        assert.equal(found.code, undefined, found.message);
        assert.equal(found.most, 1);
        assert.ok(found.totals.results <= 11);
        assert.ok(found.totals.dropped > found.totals.results, JSON.stringify(found.totals));
      });

      test('maxRate', async () => {
        const found = await page.evaluate(async () => {
          const { film, run } = window.lab;
          const { stream, stop } = film();
          const { totals, ...failure } = await run(stream, 2000, { maxRate: 5 });
          stop();
          return { totals, ...failure };
        });
        assert.equal(found.code, undefined, found.message);
        assert.ok(
          found.totals.results >= 7 && found.totals.results <= 11,
          `${found.totals.results}`,
        );
      });

      test('hidden pages pause', async () => {
        const found = await page.evaluate(async () => {
          const { film, run, wait } = window.lab;
          const { stream, stop } = film();
          const counts = [];
          let count = 0;
          const hide = (state) => {
            Object.defineProperty(document, 'visibilityState', {
              value: state,
              configurable: true,
            });
            document.dispatchEvent(new window.Event('visibilitychange'));
          };
          const running = run(stream, 2400, {}, () => void (count += 1));
          await wait(600);
          hide('hidden');
          await wait(200);
          counts.push(count);
          await wait(600);
          counts.push(count);
          hide('visible');
          const { totals, ...failure } = await running;
          stop();
          delete document.visibilityState;
          return { counts, totals, ...failure };
        });
        assert.equal(found.code, undefined, found.message);
        assert.ok(found.counts[0] > 0);
        assert.equal(found.counts[0], found.counts[1]);
        assert.ok(found.totals.results > found.counts[1], JSON.stringify(found));
      });

      test('a track that ends while it is needed, and one that has ended', async () => {
        const found = await page.evaluate(async () => {
          const { run, wait } = window.lab;
          const stream = await navigator.mediaDevices.getUserMedia({ video: true });
          const [track] = stream.getVideoTracks();
          const running = run(track, 20_000);
          await wait(700);
          track.stop();
          const first = await Promise.race([running, wait(4000)]);
          return [first ?? { code: 'nothing' }, await run(track, 2000)].map(({ code }) => code);
        });
        assert.deepEqual(found, ['AccessFailed', 'AccessFailed']);
      });

      test('what is no video is refused by name', async () => {
        const found = await page.evaluate(async () => {
          const { run, module } = window.lab;
          const sound = new window.AudioContext().createMediaStreamDestination().stream;
          const sources = [
            document.createElement('video'),
            document.createElement('div'),
            sound,
            sound.getAudioTracks()[0],
            null,
            'webcam',
          ];
          const codes = [];
          for (const source of sources) codes.push((await run(source, 3000)).code);
          codes.push((await run('camera', 500, { maxRate: -1 })).code);
          const broken = document.createElement('video');
          broken.src = '/nothing.webm';
          codes.push((await run(broken, 3000)).code);
          await module.runOnVideo('camera').catch(({ codeName }) => codes.push(codeName));
          return codes;
        });
        const [user, image, access] = ['InvalidUserInput', 'InvalidImage', 'AccessFailed'];
        const expected = [user, user, image, user, user, user, user, access, user];
        assert.deepEqual(found, expected);
      });

      test('forward() beside a video, and a module that is deleted under it', async () => {
        const found = await page.evaluate(async () => {
          const { film, picture, ew, wait } = window.lab;
          const facts = await (await fetch('/models/builtin/embedder_fp32.json')).json();
          const module = new ew.ImageEmbeddingsModule();
          await module.load({ modelSource: `/models/builtin/${facts.file}` });
          const { stream, stop } = film();
          let count = 0;
          const running = module
            .runOnVideo(stream, (vector) => void (count += vector.length > 0))
            .catch(({ codeName }) => codeName);
          await wait(500);
          const { length } = await module.forward(picture);
          await wait(300);
          module.delete();
          const end = await Promise.race([running, wait(5000)]);
          stop();
          return { length, count, end };
        });
        assert.ok(found.length > 1 && found.count > 2, JSON.stringify(found));
        assert.equal(found.end, 'ModuleNotLoaded');
      });
    });
  }
});
