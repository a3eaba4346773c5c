import type { StackFile } from '../stack/stack-file';
import { providerAt, type Fault } from './parties/provider';

const askWithinMs = 2_000;

/** One line for each sandbox that has bad days by somebody's order: the story may meet them. */
export async function foreignFaults({ sandboxes }: Pick<StackFile, 'sandboxes'>): Promise<string[]> {
  const lines = await Promise.all(
    Object.entries(sandboxes).map(async ([name, url]) => {
      // One without bad days answers that it knows no such thing.
      const faults = await providerAt(url)
        .faults(AbortSignal.timeout(askWithinMs))
        .catch(() => []);
      const kinds = [...new Set(faults.filter(mayStrike).map(({ kind }) => kind))];
      return kinds.length === 0
        ? []
        : `${name} has faults set that this story did not order (${kinds.join(', ')}), and may meet. ` +
            `To end them: curl -X DELETE ${url}/sandbox/faults`;
    }),
  );
  return lines.flat();
}

/** One that is used up is over; one for a certain order is for another one. */
function mayStrike({ count, struck, reference, description }: Fault): boolean {
  return (count === undefined || struck < count) && reference === undefined && description === undefined;
}
