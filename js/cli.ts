#!/usr/bin/env node
/** The command `executorch-web`. Exit codes: 0 success, 1 a model, picture or file failed, 2 wrong usage. */
import { benchmarkCommand } from './cli/benchmark.js';
import { classifyCommand } from './cli/classify.js';
import { copyAssetsCommand } from './cli/copy-assets.js';
import { embedCommand } from './cli/embed.js';
import { evaluateCommand } from './cli/evaluate.js';
import { exportScriptCommand } from './cli/export-script.js';
import { HELP, helpOf, shortHelp } from './cli/help.js';
import { inspectCommand } from './cli/inspect.js';
import { UsageError, unknownName } from './cli/options.js';
import { forCommandLine } from './cli/pictures.js';
import { runCommand } from './cli/run.js';
import { segmentCommand } from './cli/segment.js';
import { complain } from './cli/text.js';
import { ErrorCode, errorCodeName, isExecutorchError } from './base/errors.js';
import { VERSION } from './base/version.js';

const COMMANDS: Record<string, (args: string[]) => Promise<number>> = {
  classify: classifyCommand,
  segment: segmentCommand,
  embed: embedCommand,
  inspect: inspectCommand,
  run: runCommand,
  benchmark: benchmarkCommand,
  evaluate: evaluateCommand,
  'copy-assets': copyAssetsCommand,
  'export-script': exportScriptCommand,
};

async function main([name, ...args]: string[]): Promise<number> {
  if (name === '--version' || name === '-v') {
    console.log(VERSION);
    return 0;
  }
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(HELP);
    return name === undefined ? 2 : 0;
  }
  const command = new Map(Object.entries(COMMANDS)).get(name);
  if (!command) {
    throw unknownName(`unknown command '${name}'`, name, Object.keys(COMMANDS));
  }
  if (args.includes('--help') || args.includes('-h')) {
    console.log(helpOf(name));
    return 0;
  }
  return command(args);
}

// Whoever reads may stop reading (`| head`): that ends the command in silence.
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit(0);
  const { FileWriteFailed } = ErrorCode;
  complain(
    `executorch-web: cannot write the output: ${message} [FileWriteFailed, ${FileWriteFailed}]`,
  );
  process.exit(1);
});
process.stderr.on('error', () => process.exit(1));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    complain(`executorch-web: ${error.message}`);
    console.error(shortHelp(process.argv[2]));
    process.exitCode = 2;
  } else if (isExecutorchError(error)) {
    const message = forCommandLine(error.message);
    complain(`executorch-web: ${message} [${errorCodeName(error.code)}, ${error.code}]`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
