import type { CallOutcome } from '../../../integrations/call-outcome';
import {
  createCallByPreference,
  type PreferenceCall,
} from '../../../integrations/services/call-by-preference';
import type {
  ReadyService,
  ServiceAdapter,
  ServiceType,
} from '../../../integrations/services/service-adapter';

const ok: CallOutcome<string> = { kind: 'ok', status: 202, value: 'sent' };
const away: CallOutcome<string> = { kind: 'retryable', code: 'connection_refused', message: '' };
const resting: CallOutcome<string> = { kind: 'retryable', code: 'circuit_open', message: '' };
const badKey: CallOutcome<string> = { kind: 'misconfigured', code: 'channel_misconfigured', message: '' };
const unclear: CallOutcome<string> = { kind: 'unknown', code: 'timeout', message: '' };
const refused: CallOutcome<string> = { kind: 'declined', status: 400, code: 'bad_recipient', value: {} };

function service(name: string, over: Partial<ReadyService> = {}, serviceType: ServiceType = 'EMAIL_SERVICE') {
  const retryPolicy = { triesMax: 1, firstDelayMs: 1, backoffFactor: 1, delayMsMax: 1 };
  const configured = { id: `id-${name}`, name, serviceType, kind: 'TEST', configurations: {}, retryPolicy };
  const ready: ReadyService = {
    adapter: {} as ServiceAdapter,
    service: { ...configured, timeoutMs: 5_000 },
    isEnabled: true,
    ...over,
  };
  return [name, ready] as const;
}

const known = new Map([
  service('PRIMARY'),
  service('BACKUP'),
  service('OFF', { isEnabled: false }),
  service('SMS', {}, 'SMS_SERVICE'),
]);

const lines: unknown[] = [];
const callByPreference = createCallByPreference({
  serviceNamed: (name) => Promise.resolve(known.get(name)),
  namesOf: (type) =>
    Promise.resolve(
      [...known.values()].filter((one) => one.service.serviceType === type).map((one) => one.service.name),
    ),
  log: {
    info: (line: object) => void lines.push(line),
    warn: (line: object) => void lines.push(line),
  } as never,
});

async function run(outcomes: Record<string, CallOutcome<string>>, over: Partial<PreferenceCall> = {}) {
  const asked: string[] = [];
  const result = await callByPreference(
    {
      serviceType: 'EMAIL_SERVICE',
      preference: ['PRIMARY', 'BACKUP'],
      isIdempotent: false,
      correlationId: 'notification/1',
      ...over,
    },
    async (_adapter, { service: { name }, timeoutMs, correlationId }) => {
      expect([timeoutMs, correlationId]).toEqual([5_000, 'notification/1']);
      asked.push(name);
      return outcomes[name] ?? ok;
    },
  );
  return { asked, ...result };
}

test('the first choice, and nobody else, when it is well', async () => {
  const result = await run({});
  expect(result).toMatchObject({
    asked: ['PRIMARY'],
    outcome: ok,
    service: { id: 'id-PRIMARY', name: 'PRIMARY' },
  });
});

test.each<[string, CallOutcome<string>, boolean, string[]]>([
  ['is away', away, false, ['PRIMARY', 'BACKUP']],
  ['rests', resting, false, ['PRIMARY', 'BACKUP']],
  ['has a wrong key', badKey, false, ['PRIMARY', 'BACKUP']],
  ['may have done it', unclear, false, ['PRIMARY']],
  ['may have done it, and twice does no harm', unclear, true, ['PRIMARY', 'BACKUP']],
  ['says no', refused, true, ['PRIMARY']],
])('who is asked when the first choice %s', async (_case, first, isIdempotent, asked) => {
  const result = await run({ PRIMARY: first }, { isIdempotent });
  expect(result.asked).toEqual(asked);
  expect(result.outcome).toBe(asked.length === 2 ? ok : first);
});

test('the last one’s outcome, when all of them fail', async () => {
  const result = await run({ PRIMARY: away, BACKUP: resting });
  expect(result).toMatchObject({ outcome: resting, service: { name: 'BACKUP' } });
});

test('who is not there, is off, or does something else is passed by, and the decision says so', async () => {
  lines.length = 0;
  const result = await run({ PRIMARY: away }, { preference: ['NOBODY', 'OFF', 'SMS', 'PRIMARY', 'BACKUP'] });
  expect(result.asked).toEqual(['PRIMARY', 'BACKUP']);
  const considered = [
    { name: 'NOBODY', result: 'not_found' },
    { name: 'OFF', result: 'disabled' },
    { name: 'SMS', result: 'wrong_type' },
    { name: 'PRIMARY', result: 'retryable', code: 'connection_refused' },
    { name: 'BACKUP', result: 'ok' },
  ];
  expect(result.considered).toEqual(considered);
  expect(lines).toMatchObject([{ correlationId: 'notification/1', service: 'BACKUP', considered }]);
});

test('no list: everybody of the type; nobody at all: misconfigured', async () => {
  expect((await run({ PRIMARY: away }, { preference: [] })).asked).toEqual(['PRIMARY', 'BACKUP']);
  const alone = await run({}, { preference: ['NOBODY'] });
  expect(alone).toMatchObject({ asked: [], outcome: { kind: 'misconfigured' } });
  expect(alone.service).toBeUndefined();
});
