/** One payment as its merchant saw it begin. */
export interface Begun {
  orderId: string;
  paymentId?: string;
  startedAtMs: number;
  /** Answered in time with something for the customer to do. */
  isGood: boolean;
}

export interface SecondSeen {
  second: number;
  started: number;
  good: number;
}

/** What a second may fall short by. */
const goodShareMin = 0.99;
const badSecondsMax = 5;
const startedMin = 20;

export function bySecond(begun: readonly Begun[], fromMs: number): SecondSeen[] {
  const seconds = new Map<number, SecondSeen>();
  for (const { startedAtMs, isGood } of begun) {
    const second = Math.floor((startedAtMs - fromMs) / 1_000);
    const seen = seconds.get(second) ?? { second, started: 0, good: 0 };
    seconds.set(second, { second, started: seen.started + 1, good: seen.good + (isGood ? 1 : 0) });
  }
  return [...seconds.values()].sort((left, right) => left.second - right.second);
}

/** The seconds that were bad, if there are more of them than there may be; and those that prove too little. */
export function judgeSeconds(seconds: readonly SecondSeen[]): { bad: SecondSeen[]; offenders: string[] } {
  const bad = seconds.filter(({ started, good }) => good / started < goodShareMin);
  // The last second is not over when the load ends.
  const thin = seconds.slice(0, -1).filter(({ started }) => started < startedMin);
  const tooMany = bad.length > badSecondsMax;
  return {
    bad,
    offenders: [
      ...(tooMany ? bad.map(({ second, started, good }) => `second ${second}: ${good} of ${started}`) : []),
      ...thin.map(({ second, started }) => `second ${second}: only ${started} payments were started`),
    ],
  };
}
