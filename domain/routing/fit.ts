import type { ChannelFacts, RoutingCandidate, RoutingQuestion } from './contracts';
import { describeMaintenance, maintenanceAt } from './maintenance';

/** Why this channel can not take this payment, today or tomorrow; what it says of amounts is in `amounts.ts`. */
export function whyNever(question: RoutingQuestion, candidate: RoutingCandidate): string | undefined {
  if (!candidate.isEnabled) return 'disabled';
  if (question.provider !== undefined && question.provider !== candidate.channel)
    return 'another provider was asked for';
  const way = whyNotThisWay(question, candidate);
  if (way !== undefined) return way;
  if (!candidate.currencies.includes(question.currency)) return `does not take ${question.currency}`;
  return undefined;
}

function whyNotThisWay(
  { method, capture }: RoutingQuestion,
  { methods, methodsToReserve }: RoutingCandidate,
): string | undefined {
  const [able, otherwise] = capture === 'manual' ? [methodsToReserve, methods] : [methods, methodsToReserve];
  if (method === undefined ? able.length > 0 : able.includes(method)) return undefined;
  if (method !== undefined && !otherwise.includes(method)) return `does not offer ${method}`;
  const by = method === undefined || able.length === 0 ? '' : ` by ${method}`;
  return capture === 'manual'
    ? `does not reserve money${by} for a later capture`
    : `takes no money${by} at once`;
}

/** Why it can't be used just now, though it would fit. */
export function whyNotNow(
  question: RoutingQuestion,
  candidate: RoutingCandidate,
  facts: ChannelFacts | undefined,
  now: number,
): string | undefined {
  if (candidate.switched === 'off') return 'switched off by an operator';
  if (candidate.switched === 'drain' && question.isUnderWay !== true) return 'drains: it takes nothing new';
  const window = candidate.maintenance && maintenanceAt(candidate.maintenance, now);
  if (window !== undefined) return `in maintenance ${describeMaintenance(window)}`;
  if (facts?.breaker === 'open') return 'rests, because its calls failed one after the other';
  const perDay = candidate.limits?.[question.currency]?.perDay;
  if (perDay !== undefined && question.amount !== undefined) {
    const taken = facts?.takenToday[question.currency] ?? 0n;
    if (taken + question.amount > BigInt(perDay)) return 'its limit of the day would be passed';
  }
  return undefined;
}
