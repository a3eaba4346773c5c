/** In which order channels that fit are tried. */
export type RoutingStrategy =
  /** As the merchant lists them. */
  | 'preference'
  /** By lot, in proportion to their weights. */
  | 'share'
  /** The best score first. */
  | 'score';

/** What is left out holds always; everything that is named has to hold. A channel is named by id or by kind. */
export interface RoutingConditions {
  merchantIds?: readonly string[];
  currencies?: readonly string[];
  methods?: readonly string[];
  countries?: readonly string[];
  /** Smallest units of the one currency that `currencies` then names. */
  amountFrom?: string;
  amountTo?: string;
  riskFrom?: number;
  riskTo?: number;
}

export interface RoutingEffects {
  /** These and no others. */
  only?: readonly string[];
  avoid?: readonly string[];
  /** These before others, in this order. */
  prefer?: readonly string[];
  strategy?: RoutingStrategy;
}

export interface RoutingRule {
  name: string;
  when: RoutingConditions;
  then: RoutingEffects;
}

/** What operators decide about routing, as one versioned document. */
export interface RoutingDocument {
  strategy: RoutingStrategy;
  /** How much each part counts in a score. */
  scoreWeights: { success: number; latency: number; cost: number };
  exploration: {
    /** Of the payments that could probe a channel that is due, so many percent do. */
    percent: number;
    /** A channel that lost its traffic is probed after so long, and less often the longer it stays ill. */
    everySeconds: number;
  };
  /** From the top: what is avoided adds up; of everything else the first rule that says it holds. */
  rules: readonly RoutingRule[];
}

/** Holds where nobody has said anything: the merchant's order, and away from what is failing. */
export const usualRouting: RoutingDocument = {
  strategy: 'preference',
  scoreWeights: { success: 70, latency: 10, cost: 20 },
  exploration: { percent: 20, everySeconds: 10 },
  rules: [],
};
