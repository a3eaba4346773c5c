import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** What may wait while nothing can be written. */
const waitingBytesMax = 1024 * 1024;
const againMs = 100;
const nothing = Buffer.alloc(0);

/**
 * Writes each line at once. On a full disk, or while whoever reads does not, lines wait and go as soon as they can be
 * written; more of them than may wait are lost, and `onLost` hears how many when it goes on. No payment waits for
 * the log: pino's own way is to sleep and try again, for ever after a fatal line, with the whole process at a stand.
 */
export function logDestination(fd: number, onLost: (lines: number) => void): DestinationStream {
  let waiting: Buffer = nothing;
  let lost = 0;
  let again: NodeJS.Timeout | undefined;
  process.once('exit', writeWaiting);

  function write(line: string): void {
    writeWaiting();
    const bytes = Buffer.from(line);
    if (waiting.length + bytes.length > waitingBytesMax) {
      lost += 1;
      return;
    }
    waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes]);
    writeWaiting();
    if (lost > 0 && waiting.length === 0) tellLost();
  }

  function writeWaiting(): void {
    try {
      while (waiting.length > 0) waiting = waiting.subarray(writeSync(fd, waiting));
    } catch {
      // Whatever it is, there is nowhere to say so.
      again ??= setTimeout(tryAgain, againMs).unref();
    }
  }

  function tryAgain(): void {
    again = undefined;
    writeWaiting();
  }

  function tellLost(): void {
    const lines = lost;
    lost = 0;
    onLost(lines);
  }

  return { write };
}
