import { askAgain } from '../../../dev/ask-again';
import { CallFailed } from '../../../dev/demo/parties/http';

/** What the platform does, one after the other, and how long was waited between. */
function asked(...answers: unknown[]) {
  const waits: number[] = [];
  const get = <T>(): Promise<T> => {
    const answer = answers.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as T);
  };
  const ask = askAgain({ get }, (seconds) => Promise.resolve(waits.push(seconds)));
  return { waits, ask: () => ask<string>('/x', () => undefined) };
}

const noAnswer = () => new CallFailed('refused');
const busy = (retryAfterSeconds?: number) => new CallFailed('busy', 503, retryAfterSeconds);

test('whoever was never reached is not asked again', async () => {
  const { ask, waits } = asked(noAnswer());
  await expect(ask()).rejects.toThrow('refused');
  expect(waits).toEqual([]);
});

test('whoever answered once is waited for, and so is whoever is busy from the beginning on', async () => {
  const one = asked('first', noAnswer(), noAnswer(), 'second');
  expect([await one.ask(), await one.ask()]).toEqual(['first', 'second']);
  expect(one.waits).toEqual([1, 2]);
  const other = asked(busy(), noAnswer(), 'first');
  expect(await other.ask()).toBe('first');
});

test('Retry-After goes before, within a limit', async () => {
  const { ask, waits } = asked(busy(0), busy(7), busy(86_400), busy(), 'there');
  expect(await ask()).toBe('there');
  expect(waits).toEqual([0, 7, 30, 8]);
});

test('it is given up in the end, and begun anew with the next question', async () => {
  const { ask, waits } = asked(...Array.from({ length: 6 }, () => busy()), busy(), 'there');
  await expect(ask()).rejects.toThrow('busy');
  expect(waits).toEqual([1, 2, 4, 8, 15]);
  expect(await ask()).toBe('there');
});

test.each([
  ['an answer that will not change', new CallFailed('who?', 401)],
  ['what is no answer', new SyntaxError('not JSON')],
])('%s is not asked for again', async (_what, error) => {
  const { ask, waits } = asked('first', error);
  await ask();
  await expect(ask()).rejects.toThrow(error);
  expect(waits).toEqual([]);
});
