import { withinTime } from './within-time';

/** One thing that a process needs to be ready. */
export interface Check {
  ok: boolean;
  message?: string;
}

/** Said as it is; what other errors say may hold addresses or users, and anybody may ask. */
export class NotReady extends Error {}

/** A check that hangs is a check that fails; balancers ask every few seconds. */
export const checkWithinMs = 2_000;

export async function check(name: string, work: () => Promise<void>): Promise<Check> {
  try {
    await withinTime(work(), checkWithinMs, silent);
    return { ok: true };
  } catch (error) {
    return { ok: false, message: error instanceof NotReady ? error.message : `${name} can not be reached` };
  }
}

function silent(): never {
  throw new NotReady(`no answer within ${checkWithinMs} ms`);
}
