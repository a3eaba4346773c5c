import { judge, type BenchGroup, type GroupName } from '../../bench/metric';
import { withParts, type GroupReport } from '../../bench/report';

const machine = { cpu: 'A CPU', cores: 2, memoryGiB: 4, platform: 'Linux x64', node: 'v20' };

function reportOf(name: GroupName, value: number, notes: string[] = [], raw = 1.02): GroupReport {
  const group: BenchGroup = {
    name,
    metrics: [{ name: `${name}.rate`, goal: { atLeast: 0.5 } }],
    run: () => Promise.reject(new Error('not run')),
  };
  const measurement = { values: { [`${name}.rate`]: value }, againstItself: { raw }, notes };
  return { group: name, results: judge(group, measurement), measurement };
}

const on = (day: string, commit = 'abc1234') => ({
  machine,
  commit,
  measuredOn: new Date(`2026-11-${day}T10:00:00Z`),
});

test('a part says what was measured, when, of which commit and on which machine', () => {
  const document = withParts('', [reportOf('ledger', 0.4, ['raw 100/s'])], on('20'));
  expect(document).toContain(
    '## ledger\n\nMeasured on 2026-11-20 at abc1234: A CPU, 2 cores, 4 GiB, Linux x64, Node v20.',
  );
  expect(document).toContain('| `ledger.rate` | 0.4 | ≥ 0.5 | no |');
  expect(document).toContain('Against itself: raw 1.020.\n\n- raw 100/s\n');
});

test('a later run replaces its own groups and leaves the others, in the order of the groups', () => {
  const first = withParts('', [reportOf('channels', 1), reportOf('ledger', 0.4)], on('20'));
  const second = withParts(first, [reportOf('ledger', 0.6)], on('21'));
  const third = withParts(second, [reportOf('payments', 0.7)], on('22', ''));
  expect(third.match(/^(## .+|Measured on [^:]+)/gm)).toEqual([
    '## payments',
    'Measured on 2026-11-22',
    '## ledger',
    'Measured on 2026-11-21 at abc1234',
    '## channels',
    'Measured on 2026-11-20 at abc1234',
  ]);
  expect(third).not.toContain('0.4 |');
  expect(third.match(/^# /gm)).toHaveLength(1);
  expect(withParts(third, [reportOf('payments', 0.7)], on('22', ''))).toBe(third);
});

test('an inconclusive run stands where there was no conclusive one, and never replaces one', () => {
  const inconclusive = (value: number) => reportOf('ledger', value, [], 1.2);
  const first = withParts('', [inconclusive(0.4)], on('20'));
  expect(first).toContain('**Inconclusive.** Against itself: raw 1.200.');
  const second = withParts(first, [inconclusive(0.5)], on('21'));
  expect(second).toContain('| 0.5 |');
  const third = withParts(second, [reportOf('ledger', 0.6)], on('22'));
  expect(third).not.toContain('**Inconclusive.**');
  expect(withParts(third, [inconclusive(0.7)], on('23'))).toBe(third);
});
