import type { ChannelFacts, RoutingCandidate, RoutingQuestion } from './contracts';
import type { RoutingDocument } from './document';

export interface Score {
  /** 0 to 1, times the channel's weight in hundredths. */
  value: number;
  /** In words, for the decision that is kept. */
  because: string;
}

/** A channel that nobody knows yet is taken for one that approves nine in ten, and is soon known. */
const priorApproved = 9;
const priorOther = 1;
/** Of the amount: what costs so much or more gets nothing for its price. */
const costShareMax = 0.1;

export function scoreOf(
  document: RoutingDocument,
  question: RoutingQuestion,
  candidate: RoutingCandidate,
  facts: ChannelFacts | undefined,
): Score {
  const { scoreWeights } = document;
  const success = successRate(facts);
  const latency = 1 / (1 + (facts?.latencyMs ?? 0) / 1_000);
  const cost = question.costOf?.(candidate.channelConfigId);
  const cheapness = cost === undefined ? 1 : cheapnessOf(cost, question.amount);
  const all = scoreWeights.success + scoreWeights.latency + scoreWeights.cost;
  const sum = success * scoreWeights.success + latency * scoreWeights.latency + cheapness * scoreWeights.cost;
  const value = ((all === 0 ? 0 : sum / all) * (candidate.weight ?? 100)) / 100;
  const price = cost === undefined ? 'no cost known' : `costs ${cost} (smallest units)`;
  return {
    value,
    because: `score ${Math.round(value * 1_000) / 1_000}: ${Math.round(success * 100)} % succeed, ${Math.round(facts?.latencyMs ?? 0)} ms, ${price}`,
  };
}

/** Approved of all that was asked; what failed before an answer counts like a refusal. */
export function successRate(
  facts: Pick<ChannelFacts, 'approved' | 'declined' | 'failed'> | undefined,
): number {
  const { approved, declined, failed } = facts ?? { approved: 0, declined: 0, failed: 0 };
  return (approved + priorApproved) / (approved + declined + failed + priorApproved + priorOther);
}

function cheapnessOf(cost: bigint, amount: bigint | undefined): number {
  if (amount === undefined || amount <= 0n) return 1;
  const share = Number((cost * 1_000_000n) / amount) / 1_000_000;
  return Math.max(0, 1 - share / costShareMax);
}
