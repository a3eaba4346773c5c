import fc from '../../support/properties';
import type {
  ChannelFacts,
  RoutingCandidate,
  RoutingFacts,
  RoutingQuestion,
} from '../../../domain/routing/contracts';
import { createRouter } from '../../../domain/routing/decide';
import { usualRouting, type RoutingDocument } from '../../../domain/routing/document';
import { compileRouting } from '../../../domain/routing/rules';

const noon = Date.parse('2026-03-01T12:00:00Z');

function candidate(id: string, over: Partial<RoutingCandidate> = {}): RoutingCandidate {
  return {
    channelConfigId: id,
    channel: `kind-${id}`,
    currencies: ['USD'],
    isEnabled: true,
    methods: ['card'],
    methodsToReserve: ['card'],
    ...over,
  };
}

const well: ChannelFacts = {
  breaker: 'closed',
  isAiling: false,
  calls: 100,
  failed: 0,
  latencyMs: 100,
  approved: 90,
  declined: 10,
  isProbeDue: false,
  takenToday: {},
};

function factsOf(known: Record<string, Partial<ChannelFacts>>, now = noon): RoutingFacts {
  return { now: () => now, of: (id) => known[id] && { ...well, ...known[id] } };
}

function decide(
  question: Partial<RoutingQuestion>,
  candidates: RoutingCandidate[],
  how: {
    document?: Partial<RoutingDocument>;
    facts?: Record<string, Partial<ChannelFacts>>;
    now?: number;
  } = {},
) {
  const program = compileRouting({ ...usualRouting, ...how.document }, how.document === undefined ? 0 : 7);
  return createRouter(() => program, factsOf(how.facts ?? {}, how.now))(
    { currency: 'USD', amount: 1_000n, paymentId: 'p', ...question },
    candidates,
  );
}

const abc = ['a', 'b', 'c'].map((id) => candidate(id));

describe('where nobody has said anything', () => {
  test('the merchant’s order holds, and nothing is added to the decision', () => {
    expect(decide({}, abc)).toEqual({
      chosen: ['a', 'b', 'c'],
      considered: abc.map(({ channelConfigId, channel }) => ({ channelConfigId, channel, reason: 'fits' })),
    });
  });

  test('one that fails goes behind the others, and says why', () => {
    const { chosen, considered } = decide({}, abc, {
      facts: { a: { isAiling: true, calls: 10, failed: 9 } },
    });
    expect(chosen).toEqual(['b', 'c', 'a']);
    expect(considered[0]?.reason).toBe('fits; ailing, 9 of 10 calls failed');
  });

  test('one that fails stays where it is the only one', () => {
    expect(decide({}, [candidate('a')], { facts: { a: { isAiling: true } } }).chosen).toEqual(['a']);
  });
});

describe('what can not be used', () => {
  test.each<[string, Partial<RoutingQuestion>, Partial<RoutingCandidate>]>([
    ['disabled', {}, { isEnabled: false }],
    ['another provider was asked for', { provider: 'other' }, {}],
    ['does not offer wallet', { method: 'wallet' }, {}],
    ['does not reserve money for a later capture', { capture: 'manual' }, { methodsToReserve: [] }],
    [
      'does not reserve money by wallet for a later capture',
      { capture: 'manual', method: 'wallet' },
      { methods: ['card', 'wallet'] },
    ],
    ['does not offer qr', { capture: 'manual', method: 'qr' }, { methods: ['card', 'wallet'] }],
    ['takes no money at once', {}, { methods: [] }],
    ['takes no money by card at once', { method: 'card' }, { methods: ['wallet'] }],
    [
      'takes only 0.01 to 1.00 USD',
      { capture: 'manual' },
      {
        methods: ['card', 'wallet'],
        amounts: [
          { currency: 'USD', method: 'card', min: 1n, max: 100n },
          { currency: 'USD', method: 'wallet', min: 1n, max: 1_000n },
        ],
      },
    ],
    ['does not take USD', {}, { currencies: ['TWD'] }],
    ['takes no payment that small', {}, { limits: { USD: { min: '1001' } } }],
    ['takes no payment that large', {}, { limits: { USD: { max: '999' } } }],
    ['takes only 0.50 to 9.99 USD', {}, { amounts: [{ currency: 'USD', min: 50n, max: 999n }] }],
    ['takes only 10.01 to 99.99 USD', {}, { amounts: [{ currency: 'USD', min: 1_001n, max: 9_999n }] }],
    [
      'takes only 0.01 to 1.00 USD by card',
      { method: 'card' },
      {
        methods: ['card', 'wallet'],
        amounts: [
          { currency: 'USD', method: 'card', min: 1n, max: 100n },
          { currency: 'USD', method: 'wallet', min: 1n, max: 1_000n },
        ],
      },
    ],
    [
      'takes only 0.01 to 9.99 or 10.01 to 20.00 USD',
      {},
      {
        methods: ['card', 'wallet'],
        amounts: [
          { currency: 'USD', method: 'wallet', min: 1_001n, max: 2_000n },
          { currency: 'USD', method: 'card', min: 100n, max: 999n },
          { currency: 'USD', method: 'card', min: 1n, max: 500n },
        ],
      },
    ],
  ])('for ever: %s', (reason, question, over) => {
    const decision = decide(question, [candidate('a', over)]);
    expect(decision).toMatchObject({ chosen: [], considered: [{ reason }] });
    expect(decision.notNow).toBeUndefined();
  });

  test('the ends of what a channel takes belong to it, and other currencies and methods say nothing', () => {
    const amounts = [
      { currency: 'USD', method: 'card', min: 1_000n, max: 1_000n },
      { currency: 'USD', method: 'wallet', min: 1n, max: 2n },
      { currency: 'TWD', min: 1n, max: 2n },
    ];
    expect(decide({}, [candidate('a', { amounts })]).chosen).toEqual(['a']);
    expect(decide({ method: 'card' }, [candidate('a', { amounts })]).chosen).toEqual(['a']);
  });

  test('if nobody is left, those are named that would take another amount', () => {
    const amounts = [{ currency: 'USD', min: 1n, max: 2n }];
    const small = [candidate('a', { amounts }), candidate('b', { amounts, isEnabled: false })];
    expect(decide({}, small)).toMatchObject({ chosen: [], onlyForAmount: ['a'] });
    expect(decide({}, [...small, candidate('c')])).not.toHaveProperty('onlyForAmount');
    expect(decide({}, [...small, candidate('c', { switched: 'off' })])).not.toHaveProperty('onlyForAmount');
  });

  test.each<[string, Partial<RoutingCandidate>, Partial<ChannelFacts>]>([
    ['switched off by an operator', { switched: 'off' }, {}],
    ['drains: it takes nothing new', { switched: 'drain' }, {}],
    ['rests, because its calls failed one after the other', {}, { breaker: 'open' }],
    [
      'in maintenance from 2026-03-01T11:00:00Z until 2026-03-01T13:00:00Z',
      { maintenance: [{ from: '2026-03-01T11:00:00Z', until: '2026-03-01T13:00:00Z' }] },
      {},
    ],
    [
      'in maintenance daily from 11:59 until 12:01 UTC',
      { maintenance: [{ dailyFrom: '11:59', dailyUntil: '12:01' }] },
      {},
    ],
    [
      'its limit of the day would be passed',
      { limits: { USD: { perDay: '5000' } } },
      { takenToday: { USD: 4_001n } },
    ],
  ])('just now: %s', (reason, over, facts) => {
    const decision = decide({}, [candidate('a', over)], { facts: { a: facts } });
    expect(decision).toMatchObject({ chosen: [], notNow: ['a'], considered: [{ reason }] });
  });

  test('up to the limit of the day it is taken', () => {
    const limited = candidate('a', { limits: { USD: { perDay: '5000' } } });
    expect(decide({}, [limited], { facts: { a: { takenToday: { USD: 4_000n } } } }).chosen).toEqual(['a']);
  });

  test('what drains still takes what has begun; what is off does not', () => {
    const candidates = [candidate('a', { switched: 'drain' }), candidate('b', { switched: 'off' })];
    expect(decide({ isUnderWay: true }, candidates)).toMatchObject({ chosen: ['a'], notNow: ['b'] });
  });

  test('a window over midnight holds before and after it', () => {
    const nightly = candidate('a', { maintenance: [{ dailyFrom: '23:00', dailyUntil: '01:00' }] });
    const at = (time: string) => decide({}, [nightly], { now: Date.parse(`2026-03-01T${time}:00Z`) }).chosen;
    expect([at('22:59'), at('23:00'), at('00:59'), at('01:00')]).toEqual([['a'], [], [], ['a']]);
  });
});

describe('rules', () => {
  const rule = (name: string, when: object, then: object) => ({ name, when, then });

  test.each<[string, object, Partial<RoutingQuestion>, boolean]>([
    ['nothing: always', {}, {}, true],
    ['the currency', { currencies: ['USD'] }, {}, true],
    ['another currency', { currencies: ['TWD'] }, {}, false],
    ['the merchant', { merchantIds: ['m1'] }, { merchantId: 'm1' }, true],
    ['another merchant', { merchantIds: ['m1'] }, { merchantId: 'm2' }, false],
    ['the country', { countries: ['TW'] }, { country: 'TW' }, true],
    ['a country nobody told', { countries: ['TW'] }, {}, false],
    ['the method', { methods: ['card'] }, { method: 'card' }, true],
    ['an amount from', { currencies: ['USD'], amountFrom: '1000' }, {}, true],
    ['an amount from, just below', { currencies: ['USD'], amountFrom: '1001' }, {}, false],
    ['an amount up to', { currencies: ['USD'], amountTo: '1000' }, {}, true],
    ['an amount up to, just above', { currencies: ['USD'], amountTo: '999' }, {}, false],
    ['a risk', { riskFrom: 50 }, { riskScore: 50 }, true],
    ['a risk nobody has reckoned', { riskFrom: 50 }, {}, false],
  ])('%s', (_name, when, question, holds) => {
    const document = { rules: [rule('r', when, { only: ['b'] })] };
    const decision = decide(question, abc, { document });
    expect(decision.chosen).toEqual(holds ? ['b'] : ['a', 'b', 'c']);
    expect(decision.by).toEqual({ version: 7, strategy: 'preference', rules: holds ? ['r'] : [] });
    if (holds) expect(decision.considered[0]?.reason).toBe('kept out by the rule "r"');
  });

  test('what is avoided adds up; the first that prefers, and the first that pins, hold', () => {
    const rules = [
      rule('1', {}, { avoid: ['a'] }),
      rule('2', {}, { avoid: ['kind-b'], prefer: ['e', 'd'] }),
      rule('3', {}, { prefer: ['c'], only: ['a', 'b', 'c', 'd', 'e'] }),
      rule('4', {}, { only: ['a'] }),
    ];
    const five = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => candidate(id));
    expect(decide({}, five, { document: { rules } }).chosen).toEqual(['e', 'd', 'c']);
  });

  test('what a rule prefers still goes behind while it fails', () => {
    const document = { rules: [rule('1', {}, { prefer: ['c'] })] };
    expect(decide({}, abc, { document, facts: { c: { isAiling: true } } }).chosen).toEqual(['a', 'b', 'c']);
  });
});

describe('strategies', () => {
  test('lower priorities come first, whatever the strategy', () => {
    const candidates = [candidate('a'), candidate('b', { priority: 1 })];
    for (const strategy of ['preference', 'share', 'score'] as const) {
      expect(decide({}, candidates, { document: { strategy } }).chosen).toEqual(['b', 'a']);
    }
  });

  test('share: traffic in proportion to weights, drawn from the payment’s id', () => {
    const candidates = [candidate('a', { weight: 300 }), candidate('b', { weight: 100 })];
    const first = Array.from({ length: 4_000 }, (_, index) => {
      return decide({ paymentId: `pay-${index}` }, candidates, { document: { strategy: 'share' } }).chosen[0];
    });
    const share = first.filter((id) => id === 'a').length / first.length;
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
  });

  test('score: success, latency and cost, as they are weighed', () => {
    const facts = {
      a: { approved: 50, declined: 50, latencyMs: 50 },
      b: { approved: 95, declined: 5, latencyMs: 900 },
      c: { approved: 90, declined: 10, latencyMs: 100 },
    };
    const costOf = (id: string) => ({ a: 10n, b: 90n, c: 30n })[id];
    const by = (scoreWeights: RoutingDocument['scoreWeights']) =>
      decide({ costOf }, abc, { facts, document: { strategy: 'score', scoreWeights } }).chosen;
    expect(by({ success: 1, latency: 0, cost: 0 })).toEqual(['b', 'c', 'a']);
    expect(by({ success: 0, latency: 1, cost: 0 })).toEqual(['a', 'c', 'b']);
    expect(by({ success: 0, latency: 0, cost: 1 })).toEqual(['a', 'c', 'b']);
    expect(by({ success: 60, latency: 10, cost: 30 })).toEqual(['c', 'a', 'b']);
  });
});

describe('probing', () => {
  const ailing = { a: { isAiling: true, isProbeDue: true } };
  const probes = (facts: Record<string, Partial<ChannelFacts>>, document?: Partial<RoutingDocument>) =>
    Array.from({ length: 2_000 }, (_, index) =>
      decide({ paymentId: `pay-${index}` }, abc, { facts, document }),
    ).filter(({ explored }) => explored !== undefined);

  test('some of the payments try the one that is due, and the decision says so', () => {
    const probing = probes(ailing);
    expect(probing.length / 2_000).toBeGreaterThan(0.16);
    expect(probing.length / 2_000).toBeLessThan(0.24);
    expect(probing[0]).toMatchObject({ explored: 'a', chosen: ['a', 'b', 'c'] });
    expect(probing[0]?.considered[0]?.reason).toMatch(/tried first to learn/);
  });

  test('none does while it is not due, or can not be used', () => {
    expect(probes({ a: { isAiling: true, isProbeDue: false } })).toEqual([]);
    expect(probes({ a: { ...ailing.a, breaker: 'open' } })).toEqual([]);
  });

  test('by score, one that only scores lower is asked now and then as well', () => {
    const facts = { a: {}, b: { isProbeDue: true, declined: 100 } };
    const share = probes(facts, { strategy: 'score' }).length / 2_000;
    expect(share).toBeGreaterThan(0.02);
    expect(share).toBeLessThan(0.07);
  });
});

test('the same payment under the same facts is always decided alike, and nobody is lost', () => {
  const strategies = fc.constantFrom('preference' as const, 'share' as const, 'score' as const);
  const facts = fc.record({
    isAiling: fc.boolean(),
    isProbeDue: fc.boolean(),
    breaker: fc.constantFrom('closed' as const, 'open' as const, 'half_open' as const),
    approved: fc.nat(100),
    declined: fc.nat(100),
  });
  const channel = fc.record({
    facts,
    switched: fc.constantFrom('on' as const, 'off' as const, 'drain' as const),
    isEnabled: fc.boolean(),
    weight: fc.nat(1_000),
  });
  fc.assert(
    fc.property(
      fc.array(channel, { maxLength: 12 }),
      strategies,
      fc.uuid(),
      (channels, strategy, paymentId) => {
        const candidates = channels.map(({ switched, isEnabled, weight }, index) =>
          candidate(`c${index}`, { switched, isEnabled, weight }),
        );
        const known = Object.fromEntries(channels.map(({ facts: seen }, index) => [`c${index}`, seen]));
        const how = { document: { strategy }, facts: known };
        const decision = decide({ paymentId }, candidates, how);
        expect(decide({ paymentId }, candidates, how)).toEqual(decision);
        expect(decision.considered.map(({ channelConfigId }) => channelConfigId)).toEqual(
          candidates.map(({ channelConfigId }) => channelConfigId),
        );
        const placed = [...decision.chosen, ...(decision.notNow ?? [])];
        expect(new Set(placed).size).toBe(placed.length);
        const fitting = candidates
          .filter(({ isEnabled }) => isEnabled)
          .map(({ channelConfigId }) => channelConfigId);
        expect([...placed].sort()).toEqual([...fitting].sort());
        // Nobody who fails stands before one who does not, unless to find out whether it still does.
        const ills = decision.chosen
          .filter((id) => id !== decision.explored)
          .map((id) => known[id]?.isAiling === true);
        expect(ills).toEqual([...ills].sort((left, right) => Number(left) - Number(right)));
      },
    ),
  );
});
