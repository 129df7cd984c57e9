#!/usr/bin/env node
/** The command `executorch-web`. Exit codes: 0 success, 1 a model, picture or file failed, 2 wrong usage. */
import { benchmarkCommand } from './cli/benchmark.js';
import { classifyCommand } from './cli/classify.js';
import { copyAssetsCommand } from './cli/copy-assets.js';
import { embedCommand } from './cli/embed.js';
import { evaluateCommand } from './cli/evaluate.js';
import { exportScriptCommand } from './cli/export-script.js';
import { HELP } from './cli/help.js';
import { inspectCommand } from './cli/inspect.js';
import { UsageError } from './cli/options.js';
import { runCommand } from './cli/run.js';
import { segmentCommand } from './cli/segment.js';
import { errorCodeName, isExecutorchError } from './base/errors.js';
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
  const command = COMMANDS[name];
  if (!command) throw new UsageError(`unknown command '${name}'`);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(HELP);
    return 0;
  }
  return command(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`executorch-web: ${error.message}\n\n${HELP}`);
    process.exitCode = 2;
  } else if (isExecutorchError(error)) {
    console.error(`executorch-web: ${error.message} [${errorCodeName(error.code)}, ${error.code}]`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
