/** One thing that a process needs to be ready. */
export interface Check {
  ok: boolean;
  message?: string;
}

/** Said as it is; what other errors say may hold addresses or users, and anybody may ask. */
export class NotReady extends Error {}

/** A check that hangs is a check that fails; balancers ask every few seconds. */
const checkWithinMs = 2_000;

export async function check(name: string, work: () => Promise<void>): Promise<Check> {
  try {
    await withinTime(work(), checkWithinMs);
    return { ok: true };
  } catch (error) {
    return { ok: false, message: error instanceof NotReady ? error.message : `${name} can not be reached` };
  }
}

/** The work goes on after its time: nobody waits for it any more. */
export async function withinTime<T>(work: Promise<T>, ms = checkWithinMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new NotReady(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
