import { createDeliverEvent } from '../../../activities/payment/deliver-event';
import { lowestIdAt, newId } from '../../../db/ids';
import { createPool, type Database } from '../../../db/pool';
import { receive } from '../../../db/stores/webhook-inbox-store';
import { publicId } from '../../../domain/ids';
import type { ChargeStatus, ChannelEvent } from '../../../domain/payment/outcome';
import { createLog } from '../../../telemetry/log';
import { freshDatabase } from '../../support/database';

let database: Database;
let drop: () => Promise<void>;
const lines: Record<string, unknown>[] = [];
beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  database = createPool({ url: fresh.url, size: 2, statementTimeoutMs: 5_000, name: 'unknown' });
});
afterAll(async () => {
  await database.end();
  await drop();
});
beforeEach(() => void lines.splice(0));

const channelConfigId = newId();
const charge = { providerRef: 'ko_1', amountMinor: '10050', currency: 'USD' };
const nobody = () => Promise.reject(new Error('there is nobody to be told'));

const told = (status: ChargeStatus, reference = `${publicId('payment', newId())}-7`): ChannelEvent => ({
  ...{ about: 'charge', eventId: newId(), reference, status },
  occurredAt: '2026-01-01T00:00:00.000Z',
});

/** Received so long ago, and looked at now, as each sweep does; how it stands then. */
async function lookedAt(event: ChannelEvent, receivedBeforeMs = 0): Promise<string | undefined> {
  const inboxId = receivedBeforeMs === 0 ? newId() : lowestIdAt(new Date(Date.now() - receivedBeforeMs));
  await receive(database, {
    ...{ id: inboxId, channelConfigId, providerEventId: event.eventId, event },
    body: Buffer.from('{}'),
  });
  const deliverEvent = createDeliverEvent({
    database,
    client: {} as never,
    queues: {} as never,
    resumePayment: nobody,
    refunds: { deliver: nobody },
    disputes: { deliver: nobody },
    refreshCustomer: nobody,
    firstNews: { deliver: () => false },
    log: createLog({
      level: 'info',
      process: 'test',
      destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    }),
  });
  await deliverEvent({ inboxId, channelConfigId, event });
  const { rows } = await database.query<{ status: string }>(
    'select status from webhook_inbox where id = $1',
    [inboxId],
  );
  return rows[0]?.status;
}

it.each(['succeeded', 'authorized'] as const)(
  'money that %s for an attempt that is not here is kept for a day, then let go and told',
  async (kind) => {
    expect(await lookedAt(told({ kind, charge }), 86_300_000)).toBe('received');
    expect(lines).toEqual([]);
    const event = told({ kind, charge });
    expect(await lookedAt(event, 86_500_000)).toBe('ignored');
    const channelConfig = publicId('channelConfig', channelConfigId);
    expect(lines).toMatchObject([{ level: 'error', reference: event.reference, channelConfig, ...charge }]);
  },
);

it('what is no money, or under a name that is none of ours, is ignored at once', async () => {
  expect(await lookedAt(told({ kind: 'cancelled' }))).toBe('ignored');
  expect(await lookedAt(told({ kind: 'succeeded', charge }, 'their-own-7'))).toBe('ignored');
  expect(lines).toEqual([]);
});
