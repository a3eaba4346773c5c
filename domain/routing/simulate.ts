import type { PaymentSetup, PaymentWish } from '../payment/plan';
import { routingQuestion } from '../payment/plan';
import type { ChannelFacts, RoutingCandidate } from './contracts';
import { createRouter } from './decide';
import type { RoutingDocument } from './document';
import { compileRouting } from './rules';
import { successRate } from './score';

/** One payment of the past: what was asked, and where it went first. */
export interface PastPayment {
  id: string;
  createdAtMs: number;
  wish: PaymentWish;
  channelConfigId: string;
}

/** What became of the attempts of a channel in the days that are played again. */
export type PastOfChannels = ReadonlyMap<string, { approved: number; other: number }>;

export interface SimulatedDifference {
  id: string;
  from: string;
  /** Undefined: nobody would have taken it. */
  to: string | undefined;
  reasons: { channel: string; reason: string }[];
}

export interface Simulation {
  payments: number;
  moved: number;
  /** Nobody would have taken these. */
  untaken: number;
  expectedApprovals: { before: number; after: number };
  /** By currency, smallest units: what channels charge us. */
  cost: Map<string, { before: bigint; after: bigint }>;
  byChannel: Map<string, { channel: string; before: number; after: number }>;
  differences: SimulatedDifference[];
}

const differencesMax = 20;

/**
 * Plays payments of the past again under other rules. How likely a channel approves is taken from what it did in
 * those days; latency, limits of the day, breakers and switches of that time are not played again.
 */
export function createSimulator(document: RoutingDocument, past: PastOfChannels) {
  const program = compileRouting(document, 0);
  const facts = new Map([...past].map(([id, seen]) => [id, factsOf(seen)]));
  let now = 0;
  const route = createRouter(() => program, { now: () => now, of: (id) => facts.get(id) });
  const simulation: Simulation = {
    ...{ payments: 0, moved: 0, untaken: 0 },
    expectedApprovals: { before: 0, after: 0 },
    cost: new Map(),
    byChannel: new Map(),
    differences: [],
  };

  function approval(channelConfigId: string): number {
    return successRate(facts.get(channelConfigId));
  }

  function play(payment: PastPayment, setup: PaymentSetup): void {
    now = payment.createdAtMs;
    const question = routingQuestion(setup, payment.wish);
    const candidates = setup.candidates.map(asEver);
    const { chosen, considered } = route(question, candidates);
    const from = payment.channelConfigId;
    const [to] = chosen;
    simulation.payments += 1;
    simulation.expectedApprovals.before += approval(from);
    if (to !== undefined) simulation.expectedApprovals.after += approval(to);
    const { currency } = payment.wish;
    const cost = simulation.cost.get(currency) ?? { before: 0n, after: 0n };
    cost.before += question.costOf?.(from) ?? 0n;
    if (to !== undefined) cost.after += question.costOf?.(to) ?? 0n;
    simulation.cost.set(currency, cost);
    count(from, 'before');
    if (to === undefined) simulation.untaken += 1;
    else count(to, 'after');
    if (to === from) return;
    simulation.moved += 1;
    if (simulation.differences.length < differencesMax) {
      const reasons = considered.map(({ channel, reason }) => ({ channel, reason }));
      simulation.differences.push({ id: payment.id, from, to, reasons });
    }

    function count(id: string, when: 'before' | 'after'): void {
      const channel = candidates.find(({ channelConfigId }) => channelConfigId === id)?.channel ?? 'gone';
      const seen = simulation.byChannel.get(id) ?? { channel, before: 0, after: 0 };
      seen[when] += 1;
      simulation.byChannel.set(id, seen);
    }
  }

  return { simulation, play };
}

/** What an operator switched by hand today says nothing about the rules. */
function asEver(candidate: RoutingCandidate): RoutingCandidate {
  return { ...candidate, switched: 'on' };
}

function factsOf(seen: { approved: number; other: number }): ChannelFacts {
  return {
    ...{ breaker: 'closed', isAiling: false, isProbeDue: false, takenToday: {} },
    calls: seen.approved + seen.other,
    failed: 0,
    latencyMs: 0,
    approved: seen.approved,
    declined: seen.other,
  };
}
