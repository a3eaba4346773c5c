import { usualRules, type PaymentSetup } from '../../../domain/payment/plan';
import { usualRouting } from '../../../domain/routing/document';
import { createSimulator } from '../../../domain/routing/simulate';

const candidate = (channelConfigId: string) => ({
  channelConfigId,
  channel: `kind-${channelConfigId}`,
  currencies: ['USD'],
  isEnabled: true,
  methods: ['card'],
  methodsToReserve: ['card'],
});

const plan = (channelConfigId: string, percent: string) => ({
  planId: channelConfigId,
  version: 1,
  scope: { payer: 'platform', transactionType: 'payment', currency: 'USD', channelConfigId } as const,
  terms: { tiers: [{ fromVolume: '0', percent, fixed: '0' }], refundable: 'none' as const },
});

const setup: PaymentSetup = {
  merchantId: 'm',
  merchantStatus: 'active',
  config: {
    version: 1,
    currencies: ['USD'],
    expiryMs: 60_000,
    limits: {},
    rules: usualRules,
    reviewAbove: {},
  },
  candidates: [candidate('a'), candidate('b')],
  feePlans: [plan('a', '3'), plan('b', '1')],
  monthVolumes: {},
  channelVolumes: {},
};

/** Of a hundred attempts, ninety there and eighty here were approved. */
const past = new Map([
  ['a', { approved: 900, other: 100 }],
  ['b', { approved: 800, other: 200 }],
]);

const payment = (index: number, currency = 'USD') => ({
  id: `p${index}`,
  createdAtMs: Date.parse('2026-03-01T12:00:00Z'),
  channelConfigId: 'a',
  wish: { amount: BigInt(index % 2 === 0 ? 10_000 : 20_000), currency, paymentId: `p${index}` },
});

it('the same rules change nothing', () => {
  const { simulation, play } = createSimulator(usualRouting, past);
  for (let index = 0; index < 10; index += 1) play(payment(index), setup);
  expect(simulation).toMatchObject({ payments: 10, moved: 0, untaken: 0, differences: [] });
  expect(simulation.expectedApprovals.after).toBe(simulation.expectedApprovals.before);
});

it('shows what would move, and what that would mean in approvals and cost', () => {
  const rules = [
    { name: 'large ones', when: { currencies: ['USD'], amountFrom: '20000' }, then: { prefer: ['b'] } },
  ];
  const { simulation, play } = createSimulator({ ...usualRouting, rules }, past);
  for (let index = 0; index < 100; index += 1) play(payment(index), setup);
  expect(simulation).toMatchObject({ payments: 100, moved: 50, untaken: 0 });
  expect(simulation.expectedApprovals.before).toBeCloseTo(90, 1);
  expect(simulation.expectedApprovals.after).toBeCloseTo(85, 0);
  // Fifty payments of 100.00 and fifty of 200.00: all at 3 %, then the large ones at 1 %.
  expect(simulation.cost.get('USD')).toEqual({ before: 45_000n, after: 25_000n });
  expect(simulation.byChannel.get('b')).toEqual({ channel: 'kind-b', before: 0, after: 50 });
  expect(simulation.differences).toHaveLength(20);
  expect(simulation.differences[0]).toMatchObject({ id: 'p1', from: 'a', to: 'b' });
});

it('counts what nobody would take any more', () => {
  const rules = [{ name: 'none', when: {}, then: { avoid: ['a', 'b'] } }];
  const { simulation, play } = createSimulator({ ...usualRouting, rules }, past);
  play(payment(1), setup);
  expect(simulation).toMatchObject({ payments: 1, moved: 1, untaken: 1, expectedApprovals: { after: 0 } });
});
