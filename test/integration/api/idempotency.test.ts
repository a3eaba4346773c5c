import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { fail, type ErrorCode } from '../../../api/errors';
import { defineRoute } from '../../../api/route';
import { idempotencyRetentionMs, sweepIdempotencyKeys } from '../../../db/stores/idempotency-keys-store';
import { startTestApi, type Reply, type TestApi, type TestMerchant } from '../../support/api';

/** What the next request does; the ids it was given. */
let behaviour: () => Promise<'ok' | 'refuse' | ErrorCode> = async () => 'ok';
const ids: string[] = [];

const route = (operationId: string, path: string) =>
  defineRoute({
    operationId,
    method: 'post',
    path,
    tag: 'Test',
    summary: 'Makes a thing',
    auth: 'either',
    body: z.strictObject({ name: z.string(), more: z.unknown().optional() }),
    responses: { 201: { description: 'It.', body: z.object({ id: z.string(), secret: z.string() }) } },
    errors: ['currency_not_enabled'],
    handler: async ({ idempotency }) => {
      ids.push(idempotency.resourceId);
      const outcome = await behaviour();
      if (outcome === 'refuse') return fail('currency_not_enabled');
      if (outcome !== 'ok') throw fail(outcome);
      return {
        status: 201,
        headers: { Location: `/things/${ids.length}` },
        body: { id: idempotency.resourceId, secret: `shown-once-${randomUUID()}` },
      };
    },
  });

let api: TestApi;
let merchant: TestMerchant;
beforeAll(async () => {
  api = await startTestApi({
    extraRoutes: () => [route('makeThing', '/things'), route('makeOther', '/others')],
  });
  merchant = await api.addMerchant();
});
afterAll(() => api.stop());
beforeEach(() => {
  ids.length = 0;
  behaviour = async () => 'ok';
});

const post = (
  idempotencyKey: string | undefined,
  body: unknown = { name: 'cup' },
  path = '/things',
  key = merchant.testKey,
) =>
  api.call('POST', `/api/v1${path}`, {
    key,
    body,
    headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
  });

const rows = async () => {
  const { rows: found } = await api.database.query<{ response_body: Buffer | null }>(
    'select * from idempotency_keys',
  );
  return found;
};

it('without the header every request makes its own, and nothing is kept', async () => {
  const before = (await rows()).length;
  const [first, second] = [await post(undefined), await post(undefined)];
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(new Set(ids).size).toBe(2);
  expect((await rows()).length).toBe(before);
});

it('a repeat gets the first answer again, whatever the order of its keys', async () => {
  const first = await post('a', { name: 'cup', more: 1 });
  const again = await post('a', { more: 1, name: 'cup' });
  expect(ids).toHaveLength(1);
  expect([again.status, again.text]).toEqual([201, first.text]);
  expect(first.headers.get('idempotent-replayed')).toBeNull();
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(again.headers.get('location')).toBe('/things/1');
});

it('keeps answers encrypted: they may hold a secret that is shown once', async () => {
  await post('sealed');
  for (const { response_body: body } of await rows())
    expect(body?.includes('shown-once') ?? false).toBe(false);
});

it('another body, another operation: 409', async () => {
  await post('b');
  for (const reply of [await post('b', { name: 'pot' }), await post('b', { name: 'cup' }, '/others')]) {
    expect(reply.status).toBe(409);
    expect(reply.body).toMatchObject({
      error: { code: 'idempotency_key_reused', type: 'idempotency_error' },
    });
  }
  expect(ids).toHaveLength(1);
});

it("one caller's keys are nobody else's: another merchant, another mode, the operator", async () => {
  const other = await api.addMerchant('Other');
  for (const key of [merchant.testKey, merchant.liveKey, other.testKey, api.operatorKey]) {
    expect(
      (await post('shared', { name: 'cup' }, '/things', key)).headers.get('idempotent-replayed'),
    ).toBeNull();
  }
  expect(new Set(ids).size).toBe(4);
});

it('while the first is at work, the second is told to wait; two at once do the work once', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  behaviour = async () => {
    await held;
    return 'ok';
  };
  const first = post('c');
  while (ids.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const second = await post('c');
  expect([second.status, second.headers.get('retry-after')]).toEqual([409, '1']);
  expect(second.body).toMatchObject({ error: { code: 'idempotency_in_progress' } });
  release();
  expect((await first).status).toBe(201);

  ids.length = 0;
  behaviour = async () => 'ok';
  const replies = await Promise.all(Array.from({ length: 8 }, () => post('at-once')));
  expect(ids).toHaveLength(1);
  expect(replies.every(({ status }) => status === 201 || status === 409)).toBe(true);
});

it('a request that died in the middle is done again, with the same id', async () => {
  behaviour = async () => {
    // What a killed process leaves behind: the claim, without its answer.
    await api.database.query(
      "update idempotency_keys set locked_until = now() - interval '1 second' where key = 'd'",
    );
    throw new Error('the process is gone');
  };
  expect((await post('d')).status).toBe(500);
  behaviour = async () => 'ok';
  const again = await post('d');
  expect(again.status).toBe(201);
  expect(again.headers.get('idempotent-replayed')).toBeNull();
  expect(ids[1]).toBe(ids[0]);
});

it('whoever lost the lock to another does not overwrite its answer', async () => {
  let winner: Reply | undefined;
  behaviour = async () => {
    behaviour = async () => 'ok';
    await api.database.query(
      "update idempotency_keys set locked_until = now() - interval '1 second' where key = 'e'",
    );
    winner = await post('e');
    return 'ok';
  };
  const late = await post('e');
  expect([late.status, winner?.status, ids.length]).toEqual([201, 201, 2]);
  expect(ids[1]).toBe(ids[0]);
  expect(late.text).not.toBe(winner?.text);
  const replayed = await post('e');
  expect(replayed.headers.get('idempotent-replayed')).toBe('true');
  expect(replayed.text).toBe(winner?.text);
});

it.each<[number, ErrorCode]>([
  [403, 'permission_denied'],
  [403, 'merchant_suspended'],
  [408, 'request_timeout'],
  [409, 'order_conflict'],
  [429, 'rate_limited'],
  [503, 'shutting_down'],
])('a %i (%s) may pass: it is not kept, and the repeat does the work', async (status, code) => {
  behaviour = async () => code;
  expect((await post(code)).status).toBe(status);
  behaviour = async () => 'ok';
  const again = await post(code);
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, null]);
  expect(ids).toHaveLength(2);
});

it.each<[number, ErrorCode]>([
  [400, 'parameter_invalid'],
  [404, 'not_found'],
  [422, 'currency_not_enabled'],
])('a %i (%s) of the work is its answer, and kept', async (status, code) => {
  behaviour = async () => code;
  const refused = await post(code);
  behaviour = async () => 'ok';
  const again = await post(code);
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([status, 'true']);
  expect(again.text).toBe(refused.text);
  expect(ids).toHaveLength(1);
});

it('a caller who is refused before the work begins uses up no key', async () => {
  const before = (await rows()).length;
  expect((await post('early', undefined, '/things', `${merchant.testKey}x`)).status).toBe(401);
  expect(ids).toEqual([]);
  expect((await rows()).length).toBe(before);
});

it('5xx and conflicts are not kept, refusals are', async () => {
  behaviour = async () => {
    throw new Error('boom');
  };
  expect((await post('f')).status).toBe(500);
  behaviour = async () => 'order_conflict';
  expect((await post('f')).status).toBe(409);
  behaviour = async () => 'refuse';
  const refused = await post('f');
  expect(refused.status).toBe(422);
  behaviour = async () => 'ok';
  const replayed = await post('f');
  expect([replayed.status, replayed.headers.get('idempotent-replayed')]).toEqual([422, 'true']);
  expect(new Set(ids).size).toBe(1);
});

it('a body that fails validation uses up no key', async () => {
  expect((await post('g', { nam: 'cup' })).status).toBe(400);
  expect((await post('g')).status).toBe(201);
});

it.each([['with a space'], ['x'.repeat(256)], ['4242424242424242']])('refuses the key %j', async (key) => {
  expect([400, 422]).toContain((await post(key)).status);
  expect(ids).toEqual([]);
});

it('the sweep removes what is older than its time, in batches', async () => {
  await api.database.query(
    `insert into idempotency_keys (scope, key, operation, request_hash, resource_id, created_at)
     select 'old', n::text, 'x', decode(repeat('00', 32), 'hex'), gen_random_uuid(), now() - interval '25 hours'
     from generate_series(1, 25) n`,
  );
  const kept = (await rows()).length - 25;
  const sweep = { olderThanMs: idempotencyRetentionMs, batchMax: 10 };
  expect(await sweepIdempotencyKeys(api.database, { ...sweep, batchesMax: 1 })).toBe(10);
  expect(await sweepIdempotencyKeys(api.database, { ...sweep, batchesMax: 100 })).toBe(15);
  expect((await rows()).length).toBe(kept);
});
