// Starting programs and telling the user what happens.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A failure that is explained by its message alone; shown without a stack. */
export class Fail extends Error {
  /** what went wrong, and what the user can do about it */
  constructor(what, advice = '') {
    super(advice ? `${what}\n  -> ${advice}` : what);
  }
}

const started = Date.now();

/** Prints one line of progress, with the seconds since the start. */
export function say(text) {
  const seconds = ((Date.now() - started) / 1000).toFixed(0).padStart(4);
  process.stdout.write(`[${seconds} s] ${text}\n`);
}

/** Path of a program on PATH, or ''. */
export function which(program) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (!folder) continue;
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not in this folder.
    }
  }
  return '';
}

/** Runs a program and returns its standard output; throws Fail with its errors when it fails. */
export function capture(program, args, options = {}) {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  if (result.error) throw new Fail(`cannot start ${program}: ${result.error.message}`);
  if (result.status !== 0) {
    const tail = `${result.stderr || result.stdout}`.trim().split('\n').slice(-12).join('\n');
    throw new Fail(`${program} ${args.slice(0, 3).join(' ')} … failed (${result.status})\n${tail}`);
  }
  return result.stdout;
}

/** Like capture, but '' when the program is missing or fails. */
export function tryCapture(program, args, options) {
  try {
    return capture(program, args, options);
  } catch {
    return '';
  }
}

/**
 * Runs a program with its output on the terminal. Resolves to {code, output}; output holds what was
 * printed when options.collect is set. Never rejects for a failing program: the caller decides.
 */
export function run(program, args, options = {}) {
  const { collect = false, quiet = false, ...spawnOptions } = options;
  return new Promise((done) => {
    const piped = collect || quiet;
    const child = spawn(program, args, {
      stdio: ['ignore', piped ? 'pipe' : 'inherit', piped ? 'pipe' : 'inherit'],
      ...spawnOptions,
    });
    let output = '';
    const take = (stream) => (chunk) => {
      output += chunk;
      if (!quiet) stream.write(chunk);
    };
    child.stdout?.on('data', take(process.stdout));
    child.stderr?.on('data', take(process.stderr));
    child.on('error', (error) => done({ code: 127, output: `${output}${error.message}` }));
    child.on('close', (code, signal) => done({ code: code ?? (signal ? 128 : 1), output }));
  });
}

/** Runs a program that must succeed. */
export async function must(program, args, options = {}) {
  const { advice, ...rest } = options;
  const { code, output } = await run(program, args, rest);
  if (code === 0) return output;
  const tail = rest.quiet ? `\n${output.trim().split('\n').slice(-30).join('\n')}` : '';
  throw new Fail(
    `${program} ${args.slice(0, 4).join(' ')} failed (exit code ${code})${tail}`,
    advice,
  );
}

/** Runs main and turns a Fail into a message and exit code 1. */
export async function entry(main) {
  try {
    await main();
  } catch (error) {
    const text = error instanceof Fail ? error.message : (error?.stack ?? String(error));
    process.stderr.write(`\nFAILED: ${text}\n`);
    process.exitCode = 1;
  }
}
