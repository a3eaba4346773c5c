import { judge, type BenchGroup, type Measurement } from '../../bench/metric';
import { jsonLine, resultLine } from '../../bench/report';

const group: BenchGroup = {
  name: 'ledger',
  metrics: [
    { name: 'ledger.rate', goal: { atLeast: 0.45 } },
    { name: 'ledger.latency', goal: { atMost: 2 } },
  ],
  run: async () => measured({}),
};

function measured(values: Record<string, number>): Measurement {
  return { values, againstItself: {}, notes: [] };
}

test('a goal is met at its edge and missed past it', () => {
  const passes = (values: Record<string, number>) =>
    judge(group, measured(values)).map((result) => result.pass);
  expect(passes({ 'ledger.rate': 0.45, 'ledger.latency': 2 })).toEqual([true, true]);
  expect(passes({ 'ledger.rate': 0.449, 'ledger.latency': 2.001 })).toEqual([false, false]);
});

test('what was declared and not measured has failed', () => {
  const results = judge(group, measured({ 'ledger.rate': 1 }));
  expect(results.map(resultLine)).toEqual([
    'ledger.rate 1 >=0.45 true',
    'ledger.latency not_measured <=2 false',
  ]);
});

test('the JSON line holds every metric, and null for one that was not measured', () => {
  const machine = { cpu: 'x', cores: 2, memoryGiB: 4, platform: 'y', node: 'v20' };
  const measurement = measured({ 'ledger.rate': 0.5 });
  const report = { group: 'ledger', results: judge(group, measurement), measurement };
  expect(JSON.parse(jsonLine([report], machine))).toEqual({
    metrics: [
      { name: 'ledger.rate', value: 0.5, goal: '>=0.45', pass: true },
      { name: 'ledger.latency', value: null, goal: '<=2', pass: false },
    ],
    machine,
    inconclusive: false,
  });
});
