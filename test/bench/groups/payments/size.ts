/**
 * How much of everything is measured. A machine's speed changes by the minute, and a pair stands close together only if
 * each of its halves is short: so there are many short rounds, and few only where a round needs its hundredths.
 */
export interface Size {
  isShort: boolean;
  rounds: number;
  closedLoop: { kind: 'closed'; concurrency: number; warmUpMs: number; measureMs: number };
  alone: { kind: 'alone'; warmUpPayments: number; payments: number };
  /** POSTs of the open loop, over all rounds. */
  openSamplesAtLeast: number;
  historiesRead: number;
  /** Events taken in, each of these rounds: a p99 wants some hundreds. */
  events: number;
  eventRounds: number;
  openPayments: number;
}

const whole: Size = {
  isShort: false,
  rounds: 15,
  closedLoop: { kind: 'closed', concurrency: 24, warmUpMs: 1_000, measureMs: 3_000 },
  alone: { kind: 'alone', warmUpPayments: 5, payments: 20 },
  openSamplesAtLeast: 3_000,
  historiesRead: 20,
  events: 300,
  eventRounds: 5,
  openPayments: 20_000,
};

/** To try the group itself: its figures say nothing about the goals. */
const shortened: Size = {
  isShort: true,
  rounds: 5,
  closedLoop: { kind: 'closed', concurrency: 24, warmUpMs: 500, measureMs: 2_000 },
  alone: { kind: 'alone', warmUpPayments: 1, payments: 5 },
  openSamplesAtLeast: 100,
  historiesRead: 5,
  events: 30,
  eventRounds: 5,
  openPayments: 500,
};

export function benchSize(): Size {
  return process.env.BENCH_PAYMENTS === 'short' ? shortened : whole;
}
