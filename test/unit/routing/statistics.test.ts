import {
  createChannelStatistics,
  type SharedStatistics,
} from '../../../activities/routing/channel-statistics';
import type { SecondOfChannel, Turn } from '../../../db/stores/channel-facts-store';
import type { Health } from '../../../domain/routing/health';
import { addSeen } from '../../../domain/routing/window';

/** What a database would keep, for several processes. */
function createShared() {
  const rows = new Map<string, SecondOfChannel>();
  const health = new Map<string, Health>();
  const turns: Turn[] = [];
  let isAway = false;
  const guard = () => {
    if (isAway) throw new Error('away');
  };
  const shared: SharedStatistics = {
    async add(added) {
      guard();
      for (const row of added) {
        const key = `${row.channelConfigId}/${row.second}`;
        const known = rows.get(key);
        rows.set(key, known ? { ...row, seen: addSeen(known.seen, row.seen) } : row);
      }
      await Promise.resolve();
    },
    async readSince(second) {
      guard();
      return Promise.resolve([...rows.values()].filter((row) => row.second > second));
    },
    readHealth: () => Promise.resolve(health),
    writeTurn(turn) {
      if (health.get(turn.channelConfigId)?.isAiling === turn.isAiling) return Promise.resolve(false);
      health.set(turn.channelConfigId, turn);
      turns.push(turn);
      return Promise.resolve(true);
    },
    takenToday: () => Promise.resolve(new Map()),
  };
  return { shared, turns, away: (value: boolean) => (isAway = value) };
}

const start = Date.parse('2026-03-01T00:00:00Z');

function createStage() {
  const { shared, turns, away } = createShared();
  let now = start;
  const process = () =>
    createChannelStatistics({
      shared,
      now: () => now,
      probeEverySeconds: () => 10,
      turned: () => undefined,
      failed: () => undefined,
    });
  return { turns, away, process, pass: (seconds: number) => (now += seconds * 1_000) };
}

type Statistics = ReturnType<typeof createChannelStatistics>;

function calls(statistics: Statistics, good: number, bad = 0): void {
  for (let index = 0; index < good; index += 1)
    statistics.observeCall('a', { isFailed: false, latencyMs: 100 });
  for (let index = 0; index < bad; index += 1)
    statistics.observeCall('a', { isFailed: true, latencyMs: 300 });
}

it('counts calls, failures, the mean latency and verdicts of the window', async () => {
  const { process, pass } = createStage();
  const one = process();
  calls(one, 3, 1);
  one.observeVerdict('a', 'approved');
  one.observeVerdict('a', 'declined');
  await one.exchange();
  expect(one.of('a')).toMatchObject({ calls: 4, failed: 1, latencyMs: 150, approved: 1, declined: 1 });
  expect(one.of('b')).toBeUndefined();
  pass(301);
  await one.exchange();
  expect(one.of('a')).toMatchObject({ calls: 0, failed: 0, latencyMs: 0 });
});

it('what one process saw the others know after an exchange, and nothing is counted twice', async () => {
  const { process, pass } = createStage();
  const [one, other] = [process(), process()];
  for (let round = 0; round < 5; round += 1) {
    calls(one, 2);
    calls(other, 1);
    await one.exchange();
    await other.exchange();
    await one.exchange();
    pass(1);
  }
  expect(one.of('a')?.calls).toBe(15);
  expect(other.of('a')?.calls).toBe(15);
});

it('what could not be told is told later', async () => {
  const { process, away, pass } = createStage();
  const [one, other] = [process(), process()];
  away(true);
  calls(one, 4);
  await one.exchange();
  expect(one.of('a')?.calls).toBe(4);
  away(false);
  pass(3);
  await one.exchange();
  await other.exchange();
  expect([one.of('a')?.calls, other.of('a')?.calls]).toEqual([4, 4]);
});

it('few failures are chance; many in a row take its traffic away at once, and everybody hears of it', async () => {
  const { process, turns, pass } = createStage();
  const [one, other] = [process(), process()];
  calls(one, 0, 4);
  expect(one.of('a')?.isAiling).toBe(false);
  pass(1);
  calls(one, 0, 1);
  expect(one.of('a')?.isAiling).toBe(true);
  await one.exchange();
  await other.exchange();
  expect(other.of('a')?.isAiling).toBe(true);
  calls(other, 0, 20);
  await other.exchange();
  expect(turns).toMatchObject([
    { channelConfigId: 'a', isAiling: true, why: '5 of the last 5 calls failed' },
  ]);
});

it('a long good time before does not hide that it fails now', () => {
  const { process, pass } = createStage();
  const one = process();
  for (let second = 0; second < 60; second += 1) {
    calls(one, 20);
    pass(1);
  }
  calls(one, 14, 6);
  expect(one.of('a')?.isAiling).toBe(true);
});

it('an open breaker takes the traffic away too', () => {
  const { process } = createStage();
  const one = process();
  one.breakerChanged('a', 'open');
  expect(one.of('a')).toMatchObject({ breaker: 'open', isAiling: true });
  one.breakerChanged('a', 'half_open');
  expect(one.of('a')).toMatchObject({ breaker: 'half_open', isAiling: true });
});

it('is probed after a while, by one payment at a time, and has its traffic back after three that went well', async () => {
  const { process, turns, pass } = createStage();
  const one = process();
  calls(one, 0, 5);
  await one.exchange();
  expect(one.of('a')?.isProbeDue).toBe(false);
  pass(11);
  await one.exchange();
  expect(one.of('a')?.isProbeDue).toBe(true);
  one.noteProbe('a');
  expect(one.of('a')?.isProbeDue).toBe(false);
  for (let probe = 1; probe <= 3; probe += 1) {
    pass(2);
    await one.exchange();
    if (probe > 1) expect(one.of('a')?.isProbeDue).toBe(true);
    calls(one, 1);
  }
  expect(one.of('a')?.isAiling).toBe(false);
  // What failed before it came back is forgiven: one bad call is chance again.
  calls(one, 0, 1);
  expect(one.of('a')?.isAiling).toBe(false);
  expect(turns.map(({ isAiling }) => isAiling)).toEqual([true, false]);
});

it('a probe that fails makes it wait again', async () => {
  const { process, pass } = createStage();
  const one = process();
  calls(one, 0, 5);
  pass(11);
  await one.exchange();
  calls(one, 2);
  pass(1);
  calls(one, 0, 1);
  await one.exchange();
  expect(one.of('a')).toMatchObject({ isAiling: true, isProbeDue: false });
  pass(11);
  await one.exchange();
  expect(one.of('a')).toMatchObject({ isAiling: true, isProbeDue: true });
});
