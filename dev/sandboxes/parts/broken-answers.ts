import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { html, write, type Answer } from './http-answers';
import type { FaultKind, Faults, Target } from './faults';

/** How one provider words its bad days. */
export interface BadDays {
  internalError: Answer;
  notProcessed: Answer;
  rateLimited: Answer;
  withUnknownStatus(answer: Answer): Answer;
}

/** What happens in the request's stead; true if it was answered, or never will be. */
export async function strikeBefore(
  faults: Faults,
  target: Target,
  response: ServerResponse,
  words: BadDays,
): Promise<boolean> {
  const delay = faults.strike('delay_before', target);
  if (delay) await sleep(delay.ms ?? 1_000, undefined, { ref: false });
  if (faults.strike('timeout_before', target)) return true;
  if (faults.strike('drop_before', target)) {
    response.destroy();
    return true;
  }
  const answer = refusalInstead(faults, target, words);
  if (answer) write(response, answer);
  return answer !== undefined;
}

function refusalInstead(faults: Faults, target: Target, words: BadDays): Answer | undefined {
  if (faults.strike('error_before', target)) return words.internalError;
  if (faults.strike('not_processed', target)) return words.notProcessed;
  if (faults.strike('rate_limited', target)) return words.rateLimited;
  return undefined;
}

/** The change is made; what the caller gets to see of it. */
export async function answerWithFaults(
  faults: Faults,
  target: Target,
  response: ServerResponse,
  answer: Answer,
  words: BadDays,
): Promise<void> {
  const delay = faults.strike('delay_after', target);
  if (delay) await sleep(delay.ms ?? 1_000, undefined, { ref: false });
  const kind = breakages.find((candidate) => faults.strike(candidate, target) !== undefined);
  switch (kind) {
    case undefined:
      return write(response, answer);
    case 'timeout_after':
      return;
    case 'drop_after':
      return void response.destroy();
    case 'error_after':
      return write(response, words.internalError);
    case 'garbage':
      return write(response, html(200, '<html><body>All is well.</body></html>'));
    case 'unknown_status':
      return write(response, words.withUnknownStatus(answer));
    case 'huge':
      return pour(response, 100 * 1_024);
    case 'endless':
      return pour(response, Number.POSITIVE_INFINITY);
  }
}

const breakages = [
  'timeout_after',
  'drop_after',
  'error_after',
  'garbage',
  'unknown_status',
  'huge',
  'endless',
] as const satisfies readonly FaultKind[];

/** Valid so far, and so on, kilobyte by kilobyte, as long as the reader keeps reading. */
function pour(response: ServerResponse, kilobytes: number): void {
  const kilobyte = ' '.repeat(1_024);
  let poured = 0;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.on('drain', more);
  more();

  function more(): void {
    // An endless answer trickles: it is the deadline that has to end it, not the size limit.
    if (kilobytes === Number.POSITIVE_INFINITY) {
      const timer = setInterval(() => response.write(' '), 20);
      timer.unref();
      response.off('drain', more);
      response.on('close', () => clearInterval(timer));
      return;
    }
    while (poured < kilobytes) {
      poured += 1;
      if (!response.write(kilobyte)) return;
    }
    response.off('drain', more);
    response.end();
  }
}
