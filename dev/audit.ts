import { invariantNames, type AuditedInvariant } from '../db/read-models/invariants';
import { askAgain, type Ask } from './ask-again';
import { apiCaller, reasonOf, type Caller } from './demo/parties/http';
import { readArguments, UsageError } from './read-arguments';
import { readStackFile, stateFolder } from './stack/stack-file';

/** A request for every so many seconds of looking: no answer is waited for long, however much there is to see. */
const sliceSeconds = 2;
/** Without a terminal a line is told now and then, not every time. */
const tellEveryMs = 15_000;

const exitCodes = { sound: 0, broken: 1, notAudited: 2, incomplete: 3 } as const;

/** `npm run audit`: asks a platform that runs whether its books keep their promises, all of them from the first row on. */
async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = readArguments('audit', { options: { seconds: text, api: text, key: text } });
  const { seconds } = values;
  if (seconds !== undefined && !/^[1-9][0-9]{0,4}$/.test(seconds)) {
    throw new UsageError(`--seconds wants a whole number from 1 to 99999, not "${seconds}".`, 'audit');
  }
  const ask = askAgain(operatorOf(values));
  const msMax = seconds === undefined ? Infinity : Number(seconds) * 1_000;
  const began = new Date();
  const looks: AuditedInvariant[] = [];
  let stopped: { at: string; error: unknown } | undefined;
  for (const name of invariantNames) {
    const { look, error } = await lookThrough(ask, name, msMax);
    if (look !== undefined) {
      for (const line of linesOf(look)) console.log(line);
      looks.push(look);
    }
    if (error === undefined) continue;
    stopped = { at: name, error };
    break;
  }
  if (stopped !== undefined) console.error(reasonOf(stopped.error));
  // Whom nobody could ask at all has no more to be told.
  if (looks.length === 0) return exitCodes.notAudited;
  return verdictOn(looks, {
    when: `looked at from ${began.toISOString()} to ${new Date().toISOString()}`,
    stoppedAt: stopped?.at,
    incomplete:
      msMax === Infinity ? 'the database did not answer in its time; try again.' : 'give it more --seconds.',
  });
}

/** What was found broken stays broken, however far it came. */
function verdictOn(
  looks: readonly AuditedInvariant[],
  { when, stoppedAt, incomplete }: { when: string; stoppedAt?: string; incomplete: string },
): number {
  const place = invariantNames.indexOf(stoppedAt ?? '');
  const rest = `It came no further than ${stoppedAt}, with ${place} of ${invariantNames.length} checks done before it`;
  if (looks.some(({ broken }) => broken > 0)) {
    console.log(`\nPromises are BROKEN (${when}).`);
    if (stoppedAt !== undefined) console.log(`${rest}: there may be more.`);
    return exitCodes.broken;
  }
  if (stoppedAt !== undefined) {
    console.log(`\n${rest}, and found nothing broken until there (${when}): try again.`);
    return exitCodes.notAudited;
  }
  if (looks.every(({ isComplete }) => isComplete)) {
    console.log(`\nEvery promise holds: all rows of each, ${when}.`);
    return exitCodes.sound;
  }
  console.log(`\nNot everything could be looked at (${when}): ${incomplete}`);
  return exitCodes.incomplete;
}

function operatorOf(given: { api?: string; key?: string }): Caller {
  const api = given.api ?? (process.env.DURAPAY_API_URL || undefined);
  const key = given.key ?? (process.env.DURAPAY_OPERATOR_KEY || undefined);
  if (api !== undefined) {
    if (key === undefined) {
      throw new UsageError('--api wants the key of an operator with it (npm run operator-key).', 'audit');
    }
    return apiCaller(withVersion(api), key);
  }
  const stack = readStackFile();
  if (stack === undefined) {
    throw new Error(
      `No stack runs in ${stateFolder()}: start one with npm start, or name a platform with --api and --key.`,
    );
  }
  return apiCaller(stack.api, key ?? stack.demo.operatorKey);
}

/** Whether or not the address was given with the version that all routes are under. */
function withVersion(address: string): string {
  return `${address.replace(/(\/api\/v1)?\/*$/, '')}/api/v1`;
}

/** Goes on where each answer ended, to the end of the rows or of the time, or to an answer that does not come. */
async function lookThrough(
  ask: Ask,
  name: string,
  msMax: number,
): Promise<{ look?: AuditedInvariant; error?: unknown }> {
  const began = performance.now();
  const progress = progressOf(name);
  let sum: AuditedInvariant | undefined;
  let after: string | null = null;
  try {
    for (;;) {
      const place: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
      const path = `/admin/audit/invariants?check=${name}&secondsMax=${sliceSeconds}${place}`;
      const { checks } = await ask<{ checks: AuditedInvariant[] }>(path, progress.say);
      const [look] = checks;
      if (look === undefined) throw new Error(`The platform does not know the check ${name}.`);
      const tookMs = Math.round(performance.now() - began);
      sum = added(sum, { ...look, tookMs });
      // It came no further than it was: one page takes longer than the database gives a statement.
      const isStuck = look.next === after && look.checked === 0;
      if (look.next === null || isStuck || tookMs > msMax) return { look: sum };
      after = look.next;
      progress.tell(`${sum.checked} checked in ${Math.round(tookMs / 1_000)} s, going on`);
    }
  } catch (error) {
    return { look: sum, error };
  } finally {
    progress.end();
  }
}

function added(sum: AuditedInvariant | undefined, look: AuditedInvariant): AuditedInvariant {
  if (sum === undefined) return look;
  return {
    ...look,
    checked: look.checked + sum.checked,
    broken: look.broken + sum.broken,
    offenders: [...sum.offenders, ...look.offenders].slice(0, 20),
    note: look.note ?? sum.note,
  };
}

function progressOf(name: string) {
  const isTerminal = process.stderr.isTTY;
  let toldAt = -Infinity;
  const say = (text: string) => {
    toldAt = performance.now();
    const line = `${name.padEnd(24)} ${text}`;
    process.stderr.write(isTerminal ? `\r\u001b[2K${line}` : `${line}\n`);
  };
  return {
    say,
    tell(text: string) {
      if (isTerminal || performance.now() - toldAt >= tellEveryMs) say(text);
    },
    /** A terminal's line is given back to what was found. */
    end: () => void (isTerminal && toldAt > -Infinity && process.stderr.write('\r\u001b[2K')),
  };
}

function linesOf({
  name,
  promise,
  checked,
  broken,
  offenders,
  isComplete,
  note,
  tookMs,
}: AuditedInvariant): string[] {
  const verdict = broken > 0 ? `BROKEN by ${broken}` : isComplete ? 'holds' : 'incomplete';
  const head = `${name.padEnd(24)} ${verdict.padEnd(14)} ${String(checked).padStart(9)} checked ${String(tookMs).padStart(6)} ms  ${promise}`;
  const indented = [...offenders, ...(note === null ? [] : [note])].map((text) => `    ${text}`);
  return [head, ...indented];
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(reasonOf(error));
    process.exitCode = exitCodes.notAudited;
  },
);
