import type { Database } from '../../db/pool';
import { sealBlock } from '../../db/stores/ledger-blocks-store';

export interface SealerOptions {
  database: Database;
  intervalMs: number;
  /** The most journals in a block: what one sealing transaction works through. */
  journalsPerBlockMax: number;
  onError: (error: unknown) => void;
}

export interface Sealer {
  /** Finishes the block it is at. */
  stop(): Promise<void>;
}

/**
 * Seals the ledger's tail while the process lives. Any number of processes may run one: the database lets a single
 * one at it, and the others come back later. When it is behind it goes on at once.
 */
export function startSealer(options: SealerOptions): Sealer {
  let stopped = false;
  let wake = () => {};
  const run = async () => {
    while (!stopped) {
      const isBehind = await sealBlock(options.database, options.journalsPerBlockMax).then(
        (block) => block?.isBehind ?? false,
        (error: unknown) => {
          options.onError(error);
          return false;
        },
      );
      if (!isBehind && !stopped) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, options.intervalMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    }
  };
  const running = run();
  return {
    async stop() {
      stopped = true;
      wake();
      await running;
    },
  };
}
