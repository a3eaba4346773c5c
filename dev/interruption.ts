import { commandLineOf, parentOf } from './stack/process-identity';

/**
 * Aborts when the command is to stop, and lets it put things in order. One Ctrl-C arrives several times, because npm passes
 * on what the terminal has sent already; a second one, more than a second later, does not wait.
 */
export function interruption(told: (signal: NodeJS.Signals) => void = () => undefined): AbortSignal {
  const stopping = new AbortController();
  let firstAt = 0;
  const stop = (signal: NodeJS.Signals) => {
    firstAt = Date.now();
    told(signal);
    stopping.abort(new Error(`Stopped by ${signal}.`));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (firstAt === 0) stop(signal);
      else if (Date.now() - firstAt > 1_000) {
        console.log('Leaving at once.');
        process.exit(interruptedCode);
      }
    });
  }
  onNpmGone(() => {
    if (firstAt === 0) stop('SIGTERM');
  });
  // Nobody reads any more: `tee` gets the Ctrl-C as well, and is gone first.
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', () => {
      if (firstAt === 0) stop('SIGPIPE');
    });
  }
  return stopping.signal;
}

const lookEveryMs = 500;

/**
 * npm passes a SIGTERM on to the shell that it runs a script in, and that shell dies of it without a word to us. An npm
 * that is killed can't even do that: its shell waits on for us, and nobody for the shell. Only under npm: what a person has
 * started in the background is to outlive the shell.
 */
function onNpmGone(gone: () => void): void {
  const { npm_lifecycle_script: script } = process.env;
  if (!script?.startsWith('node dev/run.js ')) return;
  const parent = process.ppid;
  // Some shells become the command that they are given: npm itself is the parent then.
  const npm = commandLineOf(parent)?.includes(script) ? parentOf(parent) : undefined;
  const looking = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || parentOf(parent) === npm)) return;
    clearInterval(looking);
    gone();
  }, lookEveryMs);
  looking.unref();
}

/** What shells call a command that Ctrl-C ended. */
export const interruptedCode = 130;
