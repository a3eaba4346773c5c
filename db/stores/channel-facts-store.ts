import type { Health } from '../../domain/routing/health';
import type { Seen } from '../../domain/routing/window';
import { newId } from '../ids';
import type { Database, Queryable } from '../pool';
import { inTransaction } from '../transaction';

export interface SecondOfChannel {
  channelConfigId: string;
  second: number;
  seen: Seen;
}

/** Adds what one process saw to what the others did: one statement, however many payments it speaks of. */
export async function addSeconds(db: Queryable, rows: readonly SecondOfChannel[]): Promise<void> {
  // In one order everywhere, so that two processes never wait for each other in a circle.
  const sorted = [...rows].sort(
    (left, right) => left.second - right.second || (left.channelConfigId < right.channelConfigId ? -1 : 1),
  );
  const column = (pick: (row: SecondOfChannel) => unknown) => sorted.map(pick);
  await db.query({
    name: 'channel-seconds-add',
    text: `insert into channel_seconds as s (channel_config_id, second, calls, failed, latency_ms, approved, declined)
      select * from unnest($1::uuid[], $2::bigint[], $3::int[], $4::int[], $5::bigint[], $6::int[], $7::int[])
      on conflict (second, channel_config_id) do update set calls = s.calls + excluded.calls,
        failed = s.failed + excluded.failed, latency_ms = s.latency_ms + excluded.latency_ms,
        approved = s.approved + excluded.approved, declined = s.declined + excluded.declined`,
    values: [
      column(({ channelConfigId }) => channelConfigId),
      column(({ second }) => second),
      column(({ seen }) => seen.calls),
      column(({ seen }) => seen.failed),
      column(({ seen }) => Math.round(seen.latencyMs)),
      column(({ seen }) => seen.approved),
      column(({ seen }) => seen.declined),
    ],
  });
}

const secondsReadMax = 50_000;

export async function readSeconds(db: Queryable, afterSecond: number): Promise<SecondOfChannel[]> {
  const { rows } = await db.query<{
    channel_config_id: string;
    second: bigint;
    calls: number;
    failed: number;
    latency_ms: bigint;
    approved: number;
    declined: number;
  }>({
    name: 'channel-seconds-read',
    text: `select channel_config_id, second, calls, failed, latency_ms, approved, declined
      from channel_seconds where second > $1 order by second desc limit ${secondsReadMax}`,
    values: [afterSecond],
  });
  return rows.map((row) => ({
    channelConfigId: row.channel_config_id,
    second: Number(row.second),
    seen: {
      calls: row.calls,
      failed: row.failed,
      latencyMs: Number(row.latency_ms),
      approved: row.approved,
      declined: row.declined,
    },
  }));
}

export async function forgetSeconds(db: Queryable, beforeSecond: number): Promise<void> {
  await db.query('delete from channel_seconds where second < $1', [beforeSecond]);
}

export async function readHealth(db: Queryable): Promise<Map<string, Health>> {
  const { rows } = await db.query<{ channel_config_id: string; is_ailing: boolean; since_second: bigint }>({
    name: 'channel-health-read',
    text: 'select channel_config_id, is_ailing, since_second from channel_health limit 1000',
  });
  return new Map(
    rows.map((row) => [
      row.channel_config_id,
      { isAiling: row.is_ailing, sinceSecond: Number(row.since_second) },
    ]),
  );
}

export interface Turn extends Health {
  channelConfigId: string;
  why: string;
}

/** False if another process has written the same turn before. */
export async function writeTurn(database: Database, turn: Turn): Promise<boolean> {
  return inTransaction(database, async (transaction) => {
    const { rowCount } = await transaction.query(
      `insert into channel_health as h (channel_config_id, is_ailing, since_second)
       select id, $2, $3 from channel_configs where id = $1 and ($2 or exists (select from channel_health where channel_config_id = $1))
       on conflict (channel_config_id) do update set is_ailing = excluded.is_ailing, since_second = excluded.since_second
       where h.is_ailing <> excluded.is_ailing`,
      [turn.channelConfigId, turn.isAiling, turn.sinceSecond],
    );
    if (rowCount !== 1) return false;
    await transaction.query(
      'insert into channel_turns (id, channel_config_id, is_ailing, why) values ($1, $2, $3, $4)',
      [newId(), turn.channelConfigId, turn.isAiling, turn.why.slice(0, 500)],
    );
    return true;
  });
}

export interface TurnRow {
  id: string;
  isAiling: boolean;
  why: string;
  at: Date;
}

/** Newest first. */
export async function listTurns(db: Queryable, channelConfigId: string, limit: number): Promise<TurnRow[]> {
  const { rows } = await db.query<{ id: string; is_ailing: boolean; why: string; at: Date }>(
    'select id, is_ailing, why, at from channel_turns where channel_config_id = $1 order by id desc limit $2',
    [channelConfigId, limit],
  );
  return rows.map(({ id, is_ailing, why, at }) => ({ id, isAiling: is_ailing, why, at }));
}
