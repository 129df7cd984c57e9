// The command line of the benchmark.
import { parseArgs } from 'node:util';
import { Fail } from '../../../scripts/lib/run.mjs';

export const HELP = `npm run bench -- [options]

  --quick            small models, few repetitions
  --model NAME       only models whose name contains NAME (may be given several times)
  --section NAME     only this section: speed, operators, main-thread, sizes, or a script of tests/bench
                     (may be given several times)
  --check            only the figures that have a goal, beside it; fails where one is missed
  --row TEXT         with --check: only rows that contain TEXT (may be given several times)
  --no-peers         only our own build
  --write-docs       write docs/benchmarks.md, or with --check the marked block of README.md
`;

/** {quick, check, rows, models, sections, peers, writeDocs, help}; throws Fail for what it does not know. */
export function parseOptions(args, known) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        quick: { type: 'boolean', default: false },
        model: { type: 'string', multiple: true, default: [] },
        section: { type: 'string', multiple: true, default: [] },
        check: { type: 'boolean', default: false },
        row: { type: 'string', multiple: true, default: [] },
        'no-peers': { type: 'boolean', default: false },
        'write-docs': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new Fail(error.message, HELP);
  }
  const unknown = values.section.find((name) => !known.includes(name));
  if (unknown) throw new Fail(`unknown section ${unknown}`, `known: ${known.join(', ')}`);
  return {
    quick: values.quick,
    check: values.check,
    rows: values.row,
    models: values.model,
    sections: values.section.length > 0 ? values.section : known,
    peers: !values['no-peers'],
    writeDocs: values['write-docs'],
    help: values.help,
  };
}
