import { createShortCache } from '../../../db/short-cache';

/** A clock that is set by hand, and a source whose answers are given by hand. */
function stage(entriesMax = 10) {
  let time = 0;
  const asked: { key: string; answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const cache = createShortCache<string>({
    ttlMs: 1_000,
    entriesMax,
    now: () => time,
    read: (key) => new Promise((answer, fail) => asked.push({ key, answer, fail })),
  });
  return { cache, asked, at: (ms: number) => void (time = ms) };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what is being read is read once, and holds for its time', async () => {
  const { cache, asked, at } = stage();
  const both = Promise.all([cache.get('a'), cache.get('a')]);
  asked[0]?.answer('first');
  expect(await both).toEqual(['first', 'first']);
  at(499);
  expect(await cache.get('a')).toBe('first');
  expect(asked).toHaveLength(1);
});

test('after its time nobody is given what is old', async () => {
  const { cache, asked, at } = stage();
  void cache.get('a');
  asked[0]?.answer('first');
  at(1_000);
  const second = cache.get('a');
  asked[1]?.answer('second');
  expect(await second).toBe('second');
});

test('what is in use is read again in its second half, and nobody waits for that', async () => {
  const { cache, asked, at } = stage();
  void cache.get('a');
  asked[0]?.answer('first');
  await settled();
  at(500);
  expect(await cache.get('a')).toBe('first');
  expect(await cache.get('a')).toBe('first');
  expect(asked).toHaveLength(2);
  asked[1]?.answer('second');
  await settled();
  expect(await cache.get('a')).toBe('second');
  // Its time counts from when it was asked for, not from when it came.
  at(1_499);
  expect(await cache.get('a')).toBe('second');
  at(1_500);
  void cache.get('a');
  expect(asked).toHaveLength(4);
});

test('a source that is slow to answer is not asked again ahead of time', async () => {
  const { cache, asked, at } = stage();
  const first = cache.get('a');
  at(999);
  void cache.get('a');
  expect(asked).toHaveLength(1);
  asked[0]?.answer('late');
  expect(await first).toBe('late');
});

test('what was forgotten while it was read again stays forgotten', async () => {
  const { cache, asked, at } = stage();
  void cache.get('a');
  asked[0]?.answer('first');
  await settled();
  at(600);
  await cache.get('a');
  cache.forget('a');
  asked[1]?.answer('from before the change');
  await settled();
  const anew = cache.get('a');
  asked[2]?.answer('changed');
  expect(await anew).toBe('changed');
});

test('a read that fails is no answer, and one that fails ahead of time leaves what is known', async () => {
  const { cache, asked, at } = stage();
  const failing = cache.get('a');
  asked[0]?.fail(new Error('away'));
  await expect(failing).rejects.toThrow('away');
  const first = cache.get('a');
  asked[1]?.answer('first');
  await first;
  at(700);
  await cache.get('a');
  asked[2]?.fail(new Error('away'));
  await settled();
  expect(await cache.get('a')).toBe('first');
  at(1_000);
  const late = cache.get('a');
  asked.at(-1)?.fail(new Error('still away'));
  await expect(late).rejects.toThrow('still away');
});

test('it holds no more than it may', async () => {
  const { cache, asked } = stage(2);
  for (const key of ['a', 'b', 'c', 'b', 'a']) {
    const value = cache.get(key);
    asked.at(-1)?.answer(key);
    expect(await value).toBe(key);
  }
  expect(asked.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'a']);
});
