/** The camera, as fast as the model goes: each run takes the newest frame, older ones are dropped. */
import { startCamera } from '../app/camera.js';
import { defaultModel, ownModel, peopleModel } from '../app/catalog.js';
import { sessions } from '../app/session.js';
import { announce, el, icon } from '../lib/dom.js';
import { paintBackground } from '../ui/background.js';
import { bars } from '../ui/bars.js';
import { choice } from '../ui/choice.js';
import { classShares, paintClasses } from '../ui/class-map.js';
import { legend } from '../ui/legend.js';
import { modelBar } from '../ui/model-bar.js';
import { errorNotice } from '../ui/notice.js';
import { opacityControl } from '../ui/opacity.js';
import { photoHint } from '../ui/photo-hint.js';
import { rateMeter } from '../ui/rate-meter.js';

export async function mount(container) {
  const video = el('video', { '.muted': true, '.playsInline': true, 'aria-label': 'Camera' });
  const canvas = el('canvas', { class: 'overlay' });
  const frame = el('div', { class: 'frame video', hidden: true }, video, canvas);
  const placeholder = el(
    'p',
    { class: 'placeholder' },
    icon('camera'),
    'What the camera sees stays on this device.',
  );
  const trouble = el('div');
  const meter = rateMeter();
  const scores = bars();
  const classes = legend(() => undefined);
  const results = el('section', { class: 'card live', 'aria-label': 'Result' });
  const models = el('div');
  const opacity = opacityControl(canvas);
  const toggle = el('button', {
    type: 'button',
    class: 'primary',
    onclick: () => (stop ? end() : begin()),
  });
  const people = await peopleModel();

  /** What can be done with frames: whose model, what is shown beside the picture, and how a result is shown. */
  const MODES = {
    classification: {
      title: 'Classify',
      model: () => defaultModel('classification'),
      beside: ['What it sees', scores.node],
      show: (result) => scores.show(result.scores),
      clear: () => scores.show([]),
    },
    segmentation: {
      title: 'Segment',
      model: () => defaultModel('segmentation'),
      beside: ['Classes', classes.node],
      show: (result) => {
        paintClasses(canvas, result, classes.hidden);
        classes.show(classShares(result), result.entry.labels);
      },
      clear: () => classes.show([], []),
      isMap: true,
    },
    people: people && {
      title: 'Blur the background',
      model: async () => people,
      beside: ['You, and a blurred background', blurNote()],
      show: (result) => paintBackground(canvas, video, result),
      clear: () => undefined,
    },
  };
  let mode = MODES.classification;
  let session = sessions.classification;
  /** Ends the camera; null while it is off. */
  let stop = null;
  /** Ends the run on its frames. */
  let run = new AbortController();
  let unwatch = () => undefined;

  function showToggle() {
    frame.hidden = !stop;
    placeholder.hidden = Boolean(stop);
    toggle.replaceChildren(
      icon(stop ? 'pause' : 'play'),
      stop ? 'Stop the camera' : 'Start the camera',
    );
  }

  function choose(name) {
    run.abort();
    clear();
    mode = MODES[name];
    session = sessions[name];
    canvas.hidden = !mode.isMap && name !== 'people';
    canvas.classList.toggle('solid', name === 'people');
    opacity.hidden = !mode.isMap;
    models.replaceChildren(modelBar(session, (entry) => session.use(entry)));
    const hint = photoHint(session.name, (entry) => session.use(entry));
    results.replaceChildren(el('h2', {}, mode.beside[0]), mode.beside[1], hint.node);
    unwatch();
    const current = session;
    unwatch = session.state.watch(({ status, entry }) => {
      void hint.show(entry, true);
      // Of a model that is gone, or not there yet, nothing is shown.
      if (status !== 'ready') clear();
      if (status === 'ready' && stop && session === current) void film();
    });
    if (session.state.value.status === 'idle')
      void mode.model().then((entry) => entry && current.use(entry));
    else if (stop) void film();
  }

  function clear() {
    for (const one of Object.values(MODES)) one?.clear();
    canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height);
  }

  async function begin() {
    toggle.disabled = true;
    trouble.replaceChildren();
    try {
      stop = await startCamera(video);
      showToggle();
      announce('The camera is on.');
      if (session.state.value.status === 'ready') void film();
    } catch (error) {
      trouble.replaceChildren(errorNotice(error));
    }
    toggle.disabled = false;
  }

  /** The library takes the newest frame each time, and drops those between. */
  async function film() {
    run.abort();
    const mine = (run = new AbortController());
    const { show } = mode;
    const [track] = video.srcObject.getVideoTracks();
    meter.start();
    const tell = (result, about) => {
      if (mine.signal.aborted) return;
      show(result);
      meter.count(about);
    };
    try {
      await session.film(track, tell, mine.signal);
    } catch (error) {
      if (mine.signal.aborted) return;
      trouble.replaceChildren(errorNotice(error));
      end();
    }
  }

  function end() {
    run.abort();
    stop?.();
    stop = null;
    meter.stop();
    clear();
    showToggle();
  }

  const titles = Object.fromEntries(
    Object.entries(MODES).flatMap(([name, one]) => (one ? [[name, one.title]] : [])),
  );
  choose('classification');
  showToggle();
  container.append(
    el(
      'div',
      { class: 'row spread' },
      choice('What to do with the frames', titles, 'classification', choose),
      toggle,
    ),
    models,
    el(
      'div',
      { class: 'split' },
      el('div', {}, el('figure', { class: 'stage' }, frame, placeholder), opacity, trouble),
      el('div', {}, meter.node, results),
    ),
  );
  return { hide: end, files: { model: (file) => void session.use(ownModel(file, session.name)) } };
}

function blurNote() {
  return el(
    'p',
    { class: 'muted' },
    'The model tells the person from what is behind; the page blurs the rest.',
  );
}
