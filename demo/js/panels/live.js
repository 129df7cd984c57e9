/** The camera, as fast as the model goes: each run takes the newest frame, older ones are dropped. */
import { defaultModel } from '../app/catalog.js';
import { startCamera } from '../app/camera.js';
import { sessions } from '../app/session.js';
import { announce, el, icon, newId } from '../lib/dom.js';
import { bars } from '../ui/bars.js';
import { classShares, paintClasses } from '../ui/class-map.js';
import { legend } from '../ui/legend.js';
import { modelBar } from '../ui/model-bar.js';
import { errorNotice } from '../ui/notice.js';
import { photoHint } from '../ui/photo-hint.js';
import { opacityControl } from '../ui/opacity.js';
import { rateMeter } from '../ui/rate-meter.js';

export function mount(container) {
  const video = el('video', { '.muted': true, '.playsInline': true, 'aria-label': 'Camera' });
  const canvas = el('canvas', { class: 'overlay' });
  const frame = el('div', { class: 'frame video', hidden: true }, video, canvas);
  const placeholder = el(
    'p',
    { class: 'placeholder' },
    icon('camera'),
    'Frames are classified on this device and go nowhere.',
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
  let task = 'classification';
  let stop = null;
  let unwatch = () => undefined;

  function showToggle() {
    frame.hidden = !stop;
    placeholder.hidden = Boolean(stop);
    toggle.replaceChildren(
      icon(stop ? 'pause' : 'play'),
      stop ? 'Stop the camera' : 'Start the camera',
    );
  }

  function chooseTask(name) {
    task = name;
    const isMap = task === 'segmentation';
    const session = sessions[task];
    canvas.hidden = opacity.hidden = !isMap;
    models.replaceChildren(modelBar(session, (entry) => session.use(entry)));
    const hint = photoHint(task, (entry) => session.use(entry));
    results.replaceChildren(
      el('h2', {}, isMap ? 'Classes' : 'What it sees'),
      isMap ? classes.node : scores.node,
      hint.node,
    );
    unwatch();
    unwatch = session.state.watch(({ entry }) => void hint.show(entry, true));
    if (session.state.value.status === 'idle')
      void defaultModel(task).then((entry) => entry && session.use(entry));
  }

  const show = {
    classification: (result) => scores.show(result.scores),
    segmentation: (result) => {
      paintClasses(canvas, result, classes.hidden);
      classes.show(classShares(result), result.entry.labels);
    },
  };

  async function begin() {
    toggle.disabled = true;
    trouble.replaceChildren();
    try {
      stop = await startCamera(video);
      showToggle();
      announce('The camera is on.');
      void loop(stop);
    } catch (error) {
      trouble.replaceChildren(errorNotice(error));
    }
    toggle.disabled = false;
  }

  /** Frames come at their own pace; while a run is under way they pass unused. */
  async function loop(mine) {
    meter.start();
    let frames = await nextFrame(video);
    while (stop === mine) {
      try {
        const running = task;
        const result = await sessions[running].run(video);
        if (stop !== mine) return;
        if (result && running === task) {
          show[running](result);
          meter.count(result, frames);
        }
        frames = await nextFrame(video);
      } catch (error) {
        if (stop === mine) trouble.replaceChildren(errorNotice(error));
        end();
      }
    }
  }

  function end() {
    stop?.();
    stop = null;
    meter.stop();
    canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height);
    showToggle();
  }

  chooseTask(task);
  showToggle();
  container.append(
    el('div', { class: 'row spread' }, taskChoice(chooseTask), toggle),
    models,
    el(
      'div',
      { class: 'split' },
      el('div', {}, el('figure', { class: 'stage' }, frame, placeholder), opacity, trouble),
      el('div', {}, meter.node, results),
    ),
  );
  return { hide: end };
}

function taskChoice(onChoose) {
  const name = newId('live-task');
  const radio = (value, text, checked) =>
    el(
      'label',
      { class: 'choice' },
      el('input', {
        type: 'radio',
        name,
        value,
        '.checked': checked,
        onchange: () => onChoose(value),
      }),
      el('span', {}, text),
    );
  return el(
    'fieldset',
    { class: 'choices' },
    el('legend', { class: 'hidden' }, 'Task'),
    radio('classification', 'Classify', true),
    radio('segmentation', 'Segment', false),
  );
}

/** Resolves with the number of frames that the camera has delivered, when there is a new one. */
function nextFrame(video) {
  return new Promise((resolve) => {
    if (typeof video.requestVideoFrameCallback === 'function') {
      video.requestVideoFrameCallback((_, { presentedFrames }) => resolve(presentedFrames));
    } else {
      requestAnimationFrame(() => resolve(undefined));
    }
  });
}
