/**
 * Aborts when the command is to stop, and lets it put things in order. One Ctrl-C arrives several times, because npm passes
 * on what the terminal has sent already; a second one, more than a second later, does not wait.
 */
export function interruption(told: (signal: NodeJS.Signals) => void = () => undefined): AbortSignal {
  const stopping = new AbortController();
  let firstAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (firstAt === 0) {
        firstAt = Date.now();
        told(signal);
        stopping.abort(new Error(`Stopped by ${signal}.`));
      } else if (Date.now() - firstAt > 1_000) {
        console.log('Leaving at once.');
        process.exit(interruptedCode);
      }
    });
  }
  return stopping.signal;
}

/** What shells call a command that Ctrl-C ended. */
export const interruptedCode = 130;
