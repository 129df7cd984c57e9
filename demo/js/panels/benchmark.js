/** How fast is it here? */
import { getCapabilities } from '../../dist/web-core.js';
import { configurations, measure } from '../app/benchmark.js';
import { defaultModel, samplesFor } from '../app/catalog.js';
import { currentPicture } from '../app/picture.js';
import { sessions } from '../app/session.js';
import { TASKS } from '../app/tasks.js';
import { announce, el, newId, saveText } from '../lib/dom.js';
import { benchmarkChart, benchmarkTable, rowName } from '../ui/benchmark-chart.js';
import { errorNotice } from '../ui/notice.js';
import { operatorTable } from '../ui/operators.js';

export function mount(container) {
  const id = newId('benchmark-task');
  const options = Object.entries(TASKS).map(([task, { title }]) =>
    el('option', { value: task }, title),
  );
  const select = el('select', { id }, options);
  const start = el('button', { type: 'button', class: 'primary', onclick: begin }, 'Measure');
  const cancel = el(
    'button',
    { type: 'button', hidden: true, onclick: () => abort?.abort() },
    'Stop',
  );
  const save = el('button', { type: 'button', hidden: true, onclick: exportJson }, 'Save as JSON');
  const progress = el('progress', {
    max: configurations().length,
    value: 0,
    hidden: true,
    'aria-label': 'Measuring',
  });
  const note = el('p', { class: 'muted small' });
  const output = el('div', { class: 'stack' });
  let abort = null;
  let report = null;

  async function begin() {
    const task = select.value;
    const rows = [];
    abort = new AbortController();
    busy(true);
    output.replaceChildren();
    try {
      const entry = sessions[task].state.value.entry ?? (await defaultModel(task));
      if (!entry) throw new Error('Choose a model in the tab of this task first.');
      const source = currentPicture.value?.source ?? (await samplesFor(task))[0].address;
      note.textContent = `Model: ${entry.title} ${entry.precision ?? ''}`;
      const onRow = (row) => {
        rows.push(row);
        progress.value = rows.length;
        const waiting = configurations().slice(rows.length);
        output.replaceChildren(benchmarkChart(rows), benchmarkTable([...rows, ...waiting]));
      };
      report = await measure(task, entry, source, onRow, abort.signal);
      save.hidden = false;
      const best = rows.reduce((a, b) => (b.mean < a.mean ? b : a));
      output.append(
        el('h3', {}, `Where the time goes: ${rowName(best)}`),
        ...operatorTable(report.operators),
      );
      announce(`Done. The fastest is ${rowName(best)}.`);
    } catch (error) {
      if (!abort.signal.aborted) output.append(errorNotice(error));
    }
    busy(false);
  }

  function busy(isBusy) {
    start.disabled = select.disabled = isBusy;
    cancel.hidden = progress.hidden = !isBusy;
    progress.value = 0;
    if (isBusy) save.hidden = true;
  }

  function exportJson() {
    saveText(`executorch-web-${report.task}.json`, `${JSON.stringify(report, null, 2)}\n`);
  }

  output.append(benchmarkTable(configurations()));
  const { threads, reasons } = getCapabilities();
  container.append(
    el(
      'div',
      { class: 'stack' },
      el('h2', {}, 'How fast is it here?'),
      el(
        'p',
        { class: 'muted' },
        'Runs the model chosen in the tab of its task with every build of the library that works here. Times are of one run, ' +
          'without reading the picture: a bar is the mean of 30 samples, its line reaches from the fastest sample to the 95th ' +
          'percentile. “First” is the first run, “Warm-up” the mean of the next three, “Load” leaves out the download.',
      ),
    ),
    el(
      'div',
      { class: 'row' },
      el('label', { for: id, class: 'hidden' }, 'Task'),
      select,
      start,
      cancel,
      save,
    ),
    progress,
    note,
    output,
    el(
      'p',
      { class: 'muted small' },
      threads
        ? 'Threads are for large models: small ones wait for each other longer than they compute.'
        : `Builds with threads are left out. ${reasons.threads}`,
    ),
  );
  return { hide: () => abort?.abort() };
}
