const FIRST_AFTER_MS = 2_000;
const THEN_EVERY_MS = 10_000;

export type Report = (line: string) => void;

/** Does the work; says that it is still at it when it takes longer than two seconds. */
export async function withProgress<T>(report: Report, what: string, work: () => Promise<T>): Promise<T> {
  const began = Date.now();
  const say = () => report(`${what} … ${Math.round((Date.now() - began) / 1000)} s`);
  let again: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    say();
    again = setInterval(say, THEN_EVERY_MS);
  }, FIRST_AFTER_MS);
  try {
    return await work();
  } finally {
    clearTimeout(first);
    clearInterval(again);
  }
}
