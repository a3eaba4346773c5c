import { randomBytes } from 'node:crypto';
import type { Stage } from '../story';
import type { Provider, WantedFault } from './provider';

export interface BadDays {
  /** What the story's orders are called: nothing else is struck. */
  description: string;
  /** Orders what goes wrong, and has it ended when the story ends. */
  order(fault: Omit<WantedFault, 'description'>, signal: AbortSignal): Promise<void>;
}

/** A provider's bad days for one story: nobody else meets them, not even if it is killed in the middle. */
export function badDaysOf(name: string, provider: Provider, stage: Stage): BadDays {
  const description = `Oolong, batch ${randomBytes(4).toString('hex')}`;
  return {
    description,
    async order(wanted, signal) {
      const fault = await provider.addFault({ ...wanted, description }, signal);
      stage.afterwards(`ending the bad days of ${name}`, () =>
        provider.removeFault(fault, AbortSignal.timeout(4_000)),
      );
    },
  };
}
