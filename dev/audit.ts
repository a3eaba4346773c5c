import { invariantNames, type AuditedInvariant } from '../db/read-models/invariants';
import { apiCaller, type Caller } from './demo/parties/http';
import { readArguments, UsageError } from './read-arguments';
import { readStackFile, stateFolder } from './stack/stack-file';

/** A request for every so many seconds of looking: no answer is waited for long, however much there is to see. */
const sliceSeconds = 2;
const answerMsMax = 60_000;
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
  const operator = operatorOf(values);
  const msMax = seconds === undefined ? Infinity : Number(seconds) * 1_000;
  const began = new Date();
  const looks: AuditedInvariant[] = [];
  for (const name of invariantNames) {
    const look = await lookThrough(operator, name, msMax);
    for (const line of linesOf(look)) console.log(line);
    looks.push(look);
  }
  const when = `looked at from ${began.toISOString()} to ${new Date().toISOString()}`;
  if (looks.some(({ broken }) => broken > 0)) {
    console.log(`\nPromises are BROKEN (${when}).`);
    return exitCodes.broken;
  }
  if (looks.every(({ isComplete }) => isComplete)) {
    console.log(`\nEvery promise holds: all rows of each, ${when}.`);
    return exitCodes.sound;
  }
  const advice =
    msMax === Infinity ? 'the database did not answer in its time; try again.' : 'give it more --seconds.';
  console.log(`\nNot everything could be looked at (${when}): ${advice}`);
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

/** Goes on where each answer ended, to the end of the rows or of the time. */
async function lookThrough(operator: Caller, name: string, msMax: number): Promise<AuditedInvariant> {
  const began = performance.now();
  const progress = progressOf(name);
  let sum: AuditedInvariant | undefined;
  let after: string | null = null;
  for (;;) {
    const place: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    const path = `/admin/audit/invariants?check=${name}&secondsMax=${sliceSeconds}${place}`;
    const { checks } = await operator.get<{ checks: AuditedInvariant[] }>(
      path,
      AbortSignal.timeout(answerMsMax),
    );
    const [look] = checks;
    if (look === undefined) throw new Error(`The platform does not know the check ${name}.`);
    const tookMs = Math.round(performance.now() - began);
    sum = {
      ...look,
      checked: look.checked + (sum?.checked ?? 0),
      broken: look.broken + (sum?.broken ?? 0),
      offenders: [...(sum?.offenders ?? []), ...look.offenders].slice(0, 20),
      note: look.note ?? sum?.note ?? null,
      tookMs,
    };
    // It came no further than it was: one page takes longer than the database gives a statement.
    const isStuck = look.next === after && look.next !== null && look.checked === 0;
    if (look.isComplete || isStuck || tookMs > msMax) {
      progress.end();
      return sum;
    }
    after = look.next;
    progress.tell(`${sum.checked} checked in ${Math.round(tookMs / 1_000)} s, going on`);
  }
}

function progressOf(name: string) {
  const isTerminal = process.stderr.isTTY;
  let toldAt = -Infinity;
  return {
    tell(text: string) {
      if (!isTerminal && performance.now() - toldAt < tellEveryMs) return;
      toldAt = performance.now();
      process.stderr.write(isTerminal ? `\r${name.padEnd(24)} ${text}` : `${name.padEnd(24)} ${text}\n`);
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
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = exitCodes.notAudited;
  },
);
