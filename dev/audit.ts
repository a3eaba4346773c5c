import { apiCaller } from './demo/parties/http';
import { readArguments, UsageError } from './read-arguments';
import { readStackFile, stateFolder } from './stack/stack-file';

const secondsMax = 30;
const auditMsMax = 280_000;

interface Audit {
  isSound: boolean;
  at: string;
  checks: {
    name: string;
    promise: string;
    checked: number;
    broken: number;
    offenders: string[];
    isComplete: boolean;
    note: string | null;
    tookMs: number;
  }[];
}

const exitCodes = { sound: 0, broken: 1, notAudited: 2, incomplete: 3 } as const;

/** `npm run audit`: asks the stack that runs whether its books keep their promises. */
async function main(): Promise<number> {
  const { values } = readArguments('audit', { options: { seconds: { type: 'string', default: '10' } } });
  const seconds = Number(values.seconds);
  if (!/^[0-9]{1,2}$/.test(values.seconds) || seconds < 1 || seconds > secondsMax) {
    throw new UsageError(
      `--seconds wants a whole number from 1 to ${secondsMax}, not "${values.seconds}".`,
      'audit',
    );
  }
  const stack = readStackFile();
  if (stack === undefined) throw new Error(`No stack runs in ${stateFolder()}: start one with npm start.`);
  const operator = apiCaller(stack.api, stack.demo.operatorKey);
  const path = `/admin/audit/invariants?secondsMax=${seconds}`;
  const audit = await operator.get<Audit>(path, AbortSignal.timeout(auditMsMax));
  for (const line of audit.checks.flatMap(linesOf)) console.log(line);
  if (audit.isSound) {
    console.log(`\nEvery promise holds (${audit.at}).`);
    return exitCodes.sound;
  }
  const isBroken = audit.checks.some(({ broken }) => broken > 0);
  console.log(
    isBroken ? '\nPromises are BROKEN.' : '\nNot everything could be looked at: give it more --seconds.',
  );
  return isBroken ? exitCodes.broken : exitCodes.incomplete;
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
}: Audit['checks'][number]) {
  const verdict = broken > 0 ? `BROKEN by ${broken}` : isComplete ? 'holds' : 'incomplete';
  const head = `${name.padEnd(22)} ${verdict.padEnd(14)} ${String(checked).padStart(9)} checked ${String(tookMs).padStart(6)} ms  ${promise}`;
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
