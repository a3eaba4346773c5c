/** How much of everything is measured. */
export interface Size {
  isShort: boolean;
  closedLoop: { kind: 'closed'; concurrency: number; warmUpMs: number; measureMs: number };
  alone: { kind: 'alone'; warmUpPayments: number; payments: number };
  /** POSTs of the open loop, over all rounds. */
  openSamplesAtLeast: number;
  historiesRead: number;
  /** Events taken in, each round. */
  events: number;
  openPayments: number;
}

const whole: Size = {
  isShort: false,
  closedLoop: { kind: 'closed', concurrency: 24, warmUpMs: 2_000, measureMs: 8_000 },
  alone: { kind: 'alone', warmUpPayments: 5, payments: 60 },
  openSamplesAtLeast: 3_000,
  historiesRead: 20,
  events: 300,
  openPayments: 20_000,
};

/** To try the group itself: its figures say nothing about the goals. */
const shortened: Size = {
  isShort: true,
  closedLoop: { kind: 'closed', concurrency: 24, warmUpMs: 500, measureMs: 2_000 },
  alone: { kind: 'alone', warmUpPayments: 1, payments: 5 },
  openSamplesAtLeast: 100,
  historiesRead: 5,
  events: 30,
  openPayments: 500,
};

export function benchSize(): Size {
  return process.env.BENCH_PAYMENTS === 'short' ? shortened : whole;
}
