import type { Mode } from '../payment/reference';
import { whyNotThisAmount } from './amounts';
import type {
  ChannelFacts,
  ChannelRouter,
  ConsideredChannel,
  RoutingCandidate,
  RoutingDecision,
  RoutingFacts,
  RoutingQuestion,
} from './contracts';
import { draw } from './draw';
import { whyNever, whyNotNow } from './fit';
import type { RoutingProgram, RoutingVerdict } from './rules';
import { scoreOf } from './score';

/** One that fits, and what its place in the order comes from. */
interface Placed {
  candidate: RoutingCandidate;
  facts: ChannelFacts | undefined;
  entry: ConsideredChannel;
  /** Lower is earlier; the first that differs decides. */
  rank: number[];
}

/** Decides with the program and the facts of the moment; both are asked anew for every payment. */
export function createRouter(
  programOf: (mode: Mode | undefined) => RoutingProgram,
  facts: RoutingFacts,
): ChannelRouter {
  return (question, candidates) => decide(programOf(question.mode), facts, question, candidates);
}

function decide(
  program: RoutingProgram,
  facts: RoutingFacts,
  question: RoutingQuestion,
  candidates: readonly RoutingCandidate[],
): RoutingDecision {
  const verdict = program.judge(question);
  const now = facts.now();
  const ready: Placed[] = [];
  const notNow: Placed[] = [];
  const onlyForAmount: string[] = [];
  const considered = candidates.map((candidate, index): ConsideredChannel => {
    const entry = { channelConfigId: candidate.channelConfigId, channel: candidate.channel, reason: 'fits' };
    const never = whyNever(question, candidate) ?? byRule(verdict, candidate);
    if (never !== undefined) return { ...entry, reason: never };
    const amount = whyNotThisAmount(question, candidate);
    if (amount !== undefined) {
      onlyForAmount.push(candidate.channelConfigId);
      return { ...entry, reason: amount };
    }
    const known = facts.of(candidate.channelConfigId);
    const placed = { candidate, facts: known, entry, rank: [0, 0, 0, 0, index] };
    const wait = whyNotNow(question, candidate, known, now);
    if (wait !== undefined) entry.reason = wait;
    rank(placed, { program, verdict, question, isUsable: wait === undefined });
    (wait === undefined ? ready : notNow).push(placed);
    return entry;
  });
  ready.sort(byRank);
  notNow.sort(byRank);
  const explored = explore(program, verdict, question, ready);
  if (explored !== undefined) {
    ready.unshift(...ready.splice(ready.indexOf(explored), 1));
    explored.entry.reason += '; tried first to learn whether it works again';
  }
  return {
    chosen: ready.map(idOf),
    considered,
    ...(notNow.length > 0 && { notNow: notNow.map(idOf) }),
    ...(ready.length + notNow.length === 0 && onlyForAmount.length > 0 && { onlyForAmount }),
    ...(isUnusual(program, verdict) && {
      by: { version: program.version, strategy: verdict.strategy, rules: verdict.matched },
    }),
    ...(explored !== undefined && { explored: idOf(explored) }),
  };
}

function byRule(verdict: RoutingVerdict, candidate: RoutingCandidate): string | undefined {
  const rule = verdict.excludedBy(candidate);
  return rule === undefined ? undefined : `kept out by the rule "${rule}"`;
}

/** Well before ailing, then what a rule prefers, then priority, then the strategy, then the merchant's order. */
function rank(
  placed: Placed,
  about: { program: RoutingProgram; verdict: RoutingVerdict; question: RoutingQuestion; isUsable: boolean },
): void {
  const { candidate, facts, entry } = placed;
  const { program, verdict, question } = about;
  placed.rank[1] = verdict.placeOf(candidate);
  placed.rank[2] = candidate.priority ?? 100;
  if (verdict.strategy === 'score') {
    const { value, because } = scoreOf(program.document, question, candidate, facts);
    placed.rank[3] = -value;
    if (about.isUsable) entry.reason = because;
  } else if (verdict.strategy === 'share') {
    placed.rank[3] = lot(question, candidate);
  }
  if (facts?.isAiling === true) {
    placed.rank[0] = 1;
    if (about.isUsable) entry.reason += `; ailing, ${facts.failed} of ${facts.calls} calls failed`;
  }
}

/** In the long run each comes first as often as its weight says, and without any memory. */
function lot(
  { paymentId = '' }: RoutingQuestion,
  { channelConfigId, weight = 100 }: RoutingCandidate,
): number {
  return -Math.log(draw(`${paymentId}/${channelConfigId}/share`) + Number.EPSILON) / Math.max(weight, 1e-6);
}

/** One that only scores lower is asked so many times more seldom than one that may have recovered. */
const wellShare = 5;

/**
 * One that has had no traffic for a while goes first for this payment, so that it can show that it works again;
 * which payments do this is drawn from their ids.
 */
function explore(
  program: RoutingProgram,
  verdict: RoutingVerdict,
  question: RoutingQuestion,
  ready: readonly Placed[],
): Placed | undefined {
  const { percent } = program.document.exploration;
  return ready.find(
    ({ candidate, facts }, place) =>
      place > 0 &&
      facts?.isProbeDue === true &&
      (facts.isAiling || verdict.strategy === 'score') &&
      draw(`${question.paymentId ?? ''}/${candidate.channelConfigId}/probe`) * 100 <
        (facts.isAiling ? percent : percent / wellShare),
  );
}

function byRank(left: Placed, right: Placed): number {
  for (let index = 0; index < left.rank.length; index += 1) {
    const difference = (left.rank[index] ?? 0) - (right.rank[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function idOf({ candidate }: Placed): string {
  return candidate.channelConfigId;
}

function isUnusual({ version }: RoutingProgram, { matched, strategy }: RoutingVerdict): boolean {
  return version > 0 || matched.length > 0 || strategy !== 'preference';
}
