import type { ChannelFacts, RoutingCandidate, RoutingQuestion } from '../../../../domain/routing/contracts';
import { createRouter } from '../../../../domain/routing/decide';
import { usualRouting, type RoutingRule } from '../../../../domain/routing/document';
import { compileRouting } from '../../../../domain/routing/rules';
import type { Part } from './part';

export const routingDecision: Part = {
  metrics: [{ name: 'routing.decision_us_p99', goal: { atMost: 1_000 } }],
  run: () => Promise.resolve({ ...measureDecisions(), againstItself: {} }),
};

const channels = 50;
const rules = 200;
const decisions = 20_000;
/** The least of so many counts: what else the machine does in the middle of one says nothing about it. */
const goes = 3;
/** Until the code is as fast as it gets. */
const rehearsals = 5_000;
const currencies = ['USD', 'EUR', 'TWD', 'JPY'];
const methods = ['card', 'wallet', 'qr', 'bank_transfer'];

/** One decision by score among fifty channels under two hundred rules, half of which hold; a pure in-process step. */
function measureDecisions(): { values: Record<string, number>; notes: string[] } {
  const candidates = Array.from({ length: channels }, (_, index) => candidate(index));
  const facts = new Map(candidates.map(({ channelConfigId }, index) => [channelConfigId, seen(index)]));
  const program = compileRouting({ ...usualRouting, strategy: 'score', rules: someRules() }, 1);
  const route = createRouter(() => program, { now: Date.now, of: (id) => facts.get(id) });
  const tookUs: number[] = [];
  let chosen = 0;
  for (let turn = 0; turn < rehearsals + decisions; turn += 1) {
    const asked = question(turn);
    let leastUs = Number.POSITIVE_INFINITY;
    for (let go = 0; go < goes; go += 1) {
      const begun = performance.now();
      const decision = route(asked, candidates);
      leastUs = Math.min(leastUs, (performance.now() - begun) * 1_000);
      chosen += decision.chosen.length;
    }
    if (turn >= rehearsals) tookUs.push(leastUs);
  }
  tookUs.sort((left, right) => left - right);
  const at = (share: number): number => tookUs[Math.floor(tookUs.length * share)] ?? Number.NaN;
  const each = Math.round(chosen / (rehearsals + decisions) / goes);
  return {
    values: { 'routing.decision_us_p99': at(0.99) },
    notes: [
      `a routing decision among ${channels} channels (${each} fit on average) under ${rules} rules: ` +
        `p50 ${Math.round(at(0.5))} µs, p99 ${Math.round(at(0.99))} µs, worst ${Math.round(at(0.99999))} µs`,
    ],
  };
}

function candidate(index: number): RoutingCandidate {
  return {
    channelConfigId: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
    channel: `kind${index % 7}`,
    currencies: currencies.slice(0, 2 + (index % 3)),
    isEnabled: index % 17 !== 0,
    methods: methods.slice(0, 1 + (index % 4)),
    methodsToReserve: ['card'],
    limits: { USD: { min: '1', max: '100000000', perDay: '100000000000' } },
    maintenance: [{ dailyFrom: '03:00', dailyUntil: '03:10' }],
    weight: 50 + index,
  };
}

function seen(index: number): ChannelFacts {
  return {
    breaker: index % 23 === 0 ? 'open' : 'closed',
    isAiling: index % 11 === 0,
    ...{ calls: 1_000, failed: index, latencyMs: 100 + index * 7, approved: 900 - index * 3, declined: 100 },
    isProbeDue: index % 5 === 0,
    takenToday: { USD: BigInt(index) * 1_000_000n },
  };
}

function someRules(): RoutingRule[] {
  return Array.from({ length: rules }, (_, index) => ({
    name: `rule ${index}`,
    when:
      index % 2 === 0
        ? { currencies: ['USD'], amountFrom: String(index) }
        : { merchantIds: [`merchant-${index}`], currencies: ['USD', 'EUR'] },
    then: index % 3 === 0 ? { avoid: [`kind${index % 2}`] } : { prefer: ['kind3', 'kind4'] },
  }));
}

function question(turn: number): RoutingQuestion {
  return {
    currency: 'USD',
    amount: BigInt(1_000 + turn),
    merchantId: 'merchant-1',
    method: 'card',
    country: 'TW',
    paymentId: `01980000-0000-7000-8000-${String(turn).padStart(12, '0')}`,
    costOf: () => 29n,
  };
}
