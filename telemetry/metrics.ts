import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is counted in every process; a room that counts more registers its own on `registry`. */
export interface Metrics {
  registry: Registry;
  /** Call at the start of a request, and what it returns at its end. */
  httpStarted(operation: string): (status: number) => void;
  /** Open, idle and waiting connections, read when somebody scrapes. */
  watchPool(name: string, pool: PoolCounts): void;
  counter<Label extends string>(options: {
    name: string;
    help: string;
    labels: readonly Label[];
  }): Counter<Label>;
  /** Read when somebody scrapes; what can't be read then is left out. */
  gauge<Label extends string>(options: {
    name: string;
    help: string;
    labels: readonly Label[];
    collect(): Promise<{ labels: Record<Label, string>; value: number }[]>;
  }): void;
  histogram<Label extends string>(options: {
    name: string;
    help: string;
    labels: readonly Label[];
    bucketsSeconds: number[];
  }): Histogram<Label>;
}

interface PoolCounts {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });

  const duration = new Histogram({
    name: 'durapay_http_request_duration_seconds',
    help: 'Time from the first byte of a request to its answer, by operation and class of status.',
    labelNames: ['operation', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const inFlight = new Gauge({
    name: 'durapay_http_requests_in_flight',
    help: 'Requests that have begun and not been answered.',
    registers: [registry],
  });
  const pools = new Map<string, PoolCounts>();
  new Gauge({
    name: 'durapay_database_connections',
    help: 'Connections of a pool; "waiting" are callers without one.',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect() {
      for (const [pool, counts] of pools) {
        this.set({ pool, state: 'idle' }, counts.idleCount);
        this.set({ pool, state: 'busy' }, counts.totalCount - counts.idleCount);
        this.set({ pool, state: 'waiting' }, counts.waitingCount);
      }
    },
  });

  return {
    registry,
    httpStarted(operation) {
      inFlight.inc();
      const startedAt = performance.now();
      return (status) => {
        inFlight.dec();
        duration.observe(
          { operation, status: `${Math.floor(status / 100)}xx` },
          (performance.now() - startedAt) / 1_000,
        );
      };
    },
    watchPool(name, pool) {
      pools.set(name, pool);
    },
    counter: ({ name, help, labels }) =>
      new Counter({ name, help, labelNames: [...labels], registers: [registry] }),
    gauge({ name, help, labels, collect }) {
      new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers: [registry],
        async collect() {
          const values = await collect().catch(() => []);
          this.reset();
          for (const { labels: of, value } of values) this.set(of, value);
        },
      });
    },
    histogram: ({ name, help, labels, bucketsSeconds }) =>
      new Histogram({ name, help, labelNames: [...labels], buckets: bucketsSeconds, registers: [registry] }),
  };
}
