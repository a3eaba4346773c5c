import { createPool, type Database } from '../../../db/pool';
import { newId } from '../../../db/ids';
import { fenceAtBirth } from '../../../db/stores/outbox-store';
import { endpointSecretPlace, rotateEndpointSecret } from '../../../db/stores/callback-endpoint-store';
import { createSecretBox } from '../../../security/secret-box';
import { publicId } from '../../../domain/ids';
import { freshDatabase, type FreshDatabase } from '../../support/database';

export const secretBox = createSecretBox([{ id: 'test', key: Buffer.alloc(32, 7) }]);

/** A database of the test's own with one merchant, and short ways to put callbacks into it. */
export interface OutboxFixture {
  fresh: FreshDatabase;
  database: Database;
  merchantId: string;
  addEndpoint(options: { url: string; secret?: string; isEnabled?: boolean }): Promise<string>;
  addEvents(endpointId: string, count?: number, status?: string, leaseMs?: number): Promise<string[]>;
  rotateSecret(endpointId: string, secret: string): Promise<void>;
  /** As if its day had been dropped. */
  forget(eventId: string): Promise<void>;
  statusOf(eventId: string): Promise<string | undefined>;
  triesOf(eventId: string): Promise<{ no: number; code: number | null; answer: string }[]>;
  countByStatus(): Promise<Record<string, number>>;
  drop(): Promise<void>;
}

export async function createOutboxFixture(): Promise<OutboxFixture> {
  const fresh = await freshDatabase();
  const database = createPool({ url: fresh.url, size: 5, statementTimeoutMs: 10_000, name: 'test' });
  const merchantId = newId();
  await database.query(`insert into merchants (id, name, default_currency) values ($1, 'Shop', 'TWD')`, [
    merchantId,
  ]);
  return {
    fresh,
    database,
    merchantId,
    async addEndpoint({ url, secret = 'whsec_test', isEnabled = true }) {
      const id = newId();
      await database.query(
        `insert into webhook_endpoints (id, merchant_id, mode, url, secret, is_enabled) values ($1, $2, 'test', $3, $4, $5)`,
        [id, merchantId, url, secretBox.seal(secret, endpointSecretPlace(id)), isEnabled],
      );
      return id;
    },
    async addEvents(endpointId, count = 1, status = 'pending', leaseMs) {
      const ids = Array.from({ length: count }, newId);
      await database.query(
        `insert into outbox (id, merchant_id, payment_id, endpoint_id, sequence, type, body, status, lease_until, fence)
         select id, $2, id, $3, 1, 'payment.succeeded', body, $5, now() + make_interval(secs => $6::int / 1000.0), $7
         from unnest($1::uuid[], $4::text[]) as e (id, body)`,
        [
          ids,
          merchantId,
          endpointId,
          ids.map((id) => JSON.stringify({ id: publicId('event', id) })),
          status,
          leaseMs ?? null,
          leaseMs === undefined ? 0 : fenceAtBirth,
        ],
      );
      return ids;
    },
    async rotateSecret(endpointId, secret) {
      await rotateEndpointSecret(
        database,
        { merchantId, mode: 'test' },
        {
          endpointId,
          rotationId: newId(),
          sealedSecret: secretBox.seal(secret, endpointSecretPlace(endpointId)),
          previousUntil: new Date(Date.now() + 60_000),
        },
      );
    },
    async forget(eventId) {
      const owner = createPool({ url: fresh.ownerUrl, size: 1, statementTimeoutMs: 10_000, name: 'owner' });
      await owner.query('delete from outbox where id = $1', [eventId]);
      await owner.end();
    },
    async statusOf(eventId) {
      const { rows } = await database.query<{ status: string }>('select status from outbox where id = $1', [
        eventId,
      ]);
      return rows[0]?.status;
    },
    async triesOf(eventId) {
      const { rows } = await database.query<{ try_no: number; status_code: number | null; answer: string }>(
        'select try_no, status_code, answer from callback_tries where event_id = $1 order by try_no',
        [eventId],
      );
      return rows.map(({ try_no, status_code, answer }) => ({ no: try_no, code: status_code, answer }));
    },
    async countByStatus() {
      const { rows } = await database.query<{ status: string; count: bigint }>(
        'select status, count(*) as count from outbox group by status',
      );
      return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
    },
    async drop() {
      await database.end();
      await fresh.drop();
    },
  };
}

/** Waits for what another party is about to do; says what it was if it never comes. */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
