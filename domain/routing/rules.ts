import type { RoutingCandidate, RoutingQuestion } from './contracts';
import type { RoutingConditions, RoutingDocument, RoutingStrategy } from './document';

/** What the rules that match say together. */
export interface RoutingVerdict {
  strategy: RoutingStrategy;
  /** By name, in the order of the document. */
  matched: string[];
  /** The name of the rule that keeps this channel out. */
  excludedBy(candidate: RoutingCandidate): string | undefined;
  /** Its place among those that are preferred; those that are not come after all of them. */
  placeOf(candidate: RoutingCandidate): number;
}

/** A document made ready to be asked for every payment. */
export interface RoutingProgram {
  version: number;
  document: RoutingDocument;
  judge(question: RoutingQuestion): RoutingVerdict;
}

interface Rule {
  name: string;
  holds(question: RoutingQuestion): boolean;
  only?: ReadonlySet<string>;
  avoid?: ReadonlySet<string>;
  prefer?: ReadonlyMap<string, number>;
  strategy?: RoutingStrategy;
}

/** Once for each version: sets and amounts are not made anew for every payment. */
export function compileRouting(document: RoutingDocument, version: number): RoutingProgram {
  const rules = document.rules.map(({ name, when, then }): Rule => {
    const conditions = conditionsOf(when);
    return {
      name,
      holds: (question) => conditions.every((condition) => condition(question)),
      only: then.only && new Set(then.only),
      avoid: then.avoid && new Set(then.avoid),
      prefer: then.prefer && new Map(then.prefer.map((channel, place) => [channel, place])),
      strategy: then.strategy,
    };
  });
  return { version, document, judge: (question) => verdictOf(document, rules, question) };
}

function verdictOf(
  document: RoutingDocument,
  rules: readonly Rule[],
  question: RoutingQuestion,
): RoutingVerdict {
  const matching = rules.filter((rule) => rule.holds(question));
  const only = matching.find((rule) => rule.only !== undefined);
  const prefer = matching.find((rule) => rule.prefer !== undefined)?.prefer;
  const avoiding = matching.filter(({ avoid }) => avoid !== undefined);
  return {
    strategy: matching.find((rule) => rule.strategy !== undefined)?.strategy ?? document.strategy,
    matched: matching.map(({ name }) => name),
    excludedBy(candidate) {
      if (only?.only !== undefined && !names(only.only, candidate)) return only.name;
      return avoiding.find(({ avoid }) => avoid !== undefined && names(avoid, candidate))?.name;
    },
    placeOf: (candidate) =>
      prefer?.get(candidate.channelConfigId) ?? prefer?.get(candidate.channel) ?? Number.MAX_SAFE_INTEGER,
  };
}

function names(channels: ReadonlySet<string>, candidate: RoutingCandidate): boolean {
  return channels.has(candidate.channelConfigId) || channels.has(candidate.channel);
}

type Condition = (question: RoutingQuestion) => boolean;

/** The ones that tell most payments apart come first. */
function conditionsOf(when: RoutingConditions): Condition[] {
  const conditions: Condition[] = [];
  const oneOf = (
    allowed: readonly string[] | undefined,
    of: (question: RoutingQuestion) => string | undefined,
  ) => {
    if (allowed === undefined) return;
    const set = new Set(allowed);
    conditions.push((question) => {
      const value = of(question);
      return value !== undefined && set.has(value);
    });
  };
  oneOf(when.currencies, ({ currency }) => currency);
  oneOf(when.merchantIds, ({ merchantId }) => merchantId);
  oneOf(when.methods, ({ method }) => method);
  oneOf(when.countries, ({ country }) => country);
  const { riskFrom, riskTo } = when;
  if (riskFrom !== undefined)
    conditions.push(({ riskScore }) => riskScore !== undefined && riskScore >= riskFrom);
  if (riskTo !== undefined)
    conditions.push(({ riskScore }) => riskScore !== undefined && riskScore <= riskTo);
  const from = when.amountFrom === undefined ? undefined : BigInt(when.amountFrom);
  const to = when.amountTo === undefined ? undefined : BigInt(when.amountTo);
  if (from !== undefined) conditions.push(({ amount }) => amount !== undefined && amount >= from);
  if (to !== undefined) conditions.push(({ amount }) => amount !== undefined && amount <= to);
  return conditions;
}
