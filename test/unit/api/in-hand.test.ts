import { createInHand } from '../../../api/webhooks/in-hand';

const longMs = 60_000;

/** Work that ends when it is told to. */
function heldWork() {
  let end: (outcome: Promise<void> | undefined) => void = () => undefined;
  const work = () => new Promise<void>((resolve) => (end = resolve));
  return { work, end: (outcome?: Promise<void>) => end(outcome) };
}

it.each([
  ['ends well', () => undefined],
  ['fails', () => Promise.reject(new Error('away'))],
])('what is under way is waited for until it %s', async (_, outcome) => {
  const inHand = createInHand();
  const held = heldWork();
  const begun = inHand
    .kept(held.work)('news')
    .catch(() => undefined);
  let isFinished = false;
  const finished = inHand.finished(longMs).then(() => (isFinished = true));
  await new Promise(setImmediate);
  expect(isFinished).toBe(false);
  held.end(outcome());
  await Promise.all([begun, finished]);
});

it('nothing is waited for longer than the time there is', async () => {
  const inHand = createInHand();
  void inHand.kept(heldWork().work)('news');
  await inHand.finished(5);
});

it('what has ended is not waited for', async () => {
  const inHand = createInHand();
  await inHand.kept(() => Promise.resolve())('news');
  await inHand.finished(longMs);
});
