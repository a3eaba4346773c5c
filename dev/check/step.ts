import { spawn } from 'node:child_process';
import path from 'node:path';

/** How many tests a step ran; a step that is no test runner has none. */
export interface TestCount {
  passed: number;
  failed: number;
  skipped: number;
}

export type StepResult =
  | { kind: 'passed'; tests?: TestCount }
  | { kind: 'failed'; tests?: TestCount; output?: string }
  /** What it needs is not on this machine. */
  | { kind: 'left-out'; reason: string };

export interface Step {
  name: string;
  run: () => Promise<StepResult>;
}

const root = path.join(__dirname, '..', '..');

export interface Outcome {
  code: number;
  output: string;
}

const OUTPUT_CHARS_MAX = 200_000;

/** Runs a program of node_modules/.bin, or node itself; `isShown` lets its output through as it comes. */
export function run(
  command: string[],
  options: { isShown?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: {
        ...process.env,
        PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env.PATH ?? ''}`,
        ...options.env,
      },
      stdio: options.isShown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    const hear = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-OUTPUT_CHARS_MAX));
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** A check without tests of its own: silent when it passes. */
export function check(name: string, command: string[]): Step {
  return {
    name,
    run: async () => {
      const { code, output } = await run(command);
      return code === 0 ? { kind: 'passed' } : { kind: 'failed', output };
    },
  };
}
