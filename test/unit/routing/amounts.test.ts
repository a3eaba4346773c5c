import { describeRanges, takenRanges, type ChannelAmounts } from '../../../domain/routing/amounts';
import type { RoutingCandidate } from '../../../domain/routing/contracts';

function candidate(amounts: ChannelAmounts[] | undefined, limit: { min?: string; max?: string } = {}) {
  return {
    ...{
      channelConfigId: 'a',
      channel: 'kind',
      currencies: ['USD'],
      isEnabled: true,
      methodsToReserve: ['card'],
    },
    ...{ methods: ['card'], amounts, limits: { USD: limit } },
  } satisfies RoutingCandidate;
}
const usd = (min: bigint, max: bigint) => ({ currency: 'USD', min, max });
const said = (...given: Parameters<typeof takenRanges>) => describeRanges(takenRanges(...given), 'USD');
const question = { currency: 'USD' };

describe('what several channels take between them', () => {
  it.each<[string, RoutingCandidate[], { min?: string; max?: string }]>([
    ['0.50 to 9.99 USD', [candidate([usd(50n, 999n)])], {}],
    ['0.50 to 20.00 USD', [candidate([usd(500n, 2_000n)]), candidate([usd(50n, 999n)])], {}],
    ['0.50 to 20.00 USD', [candidate([usd(1_000n, 2_000n)]), candidate([usd(50n, 999n)])], {}],
    ['0.50 to 1.00 or 3.00 to 20.00 USD', [candidate([usd(50n, 100n)]), candidate([usd(300n, 2_000n)])], {}],
    ['0.60 to 5.00 USD', [candidate([usd(50n, 999n)], { min: '60', max: '500' })], {}],
    ['0.60 to 4.00 USD', [candidate([usd(50n, 999n)], { max: '500' })], { min: '60', max: '400' }],
    ['0.60 and more USD', [candidate(undefined, { min: '60' })], {}],
    ['0.50 and more USD', [candidate(undefined, { min: '60' }), candidate([usd(50n, 999n)])], {}],
  ])('%s', (text, candidates, asked) => {
    expect(said(question, candidates, asked)).toBe(text);
  });

  it('is nothing where the limits leave none', () => {
    expect(takenRanges(question, [candidate([usd(50n, 999n)], { min: '1000' })])).toEqual([]);
    expect(takenRanges(question, [])).toEqual([]);
  });
});
