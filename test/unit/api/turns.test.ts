import { createTurns } from '../../../api/turns';

/** Work that goes on until it is told to end. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    end: (name: string) => ends.get(name)?.(),
    work: (name: string) => () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    },
  };
}

const soon = () => Date.now() + 10_000;
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('so many are at work at once; the others follow in the order in which they came', async () => {
  const inTurn = createTurns({ atOnceMax: 2, waitingMax: 9 });
  const { begun, end, work } = works();
  const all = ['a', 'b', 'c', 'd'].map((name) => inTurn('tea', soon(), work(name)));
  await settled();
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await settled();
  expect(begun).toEqual(['a', 'b', 'c']);
  end('a');
  await settled();
  for (const name of ['c', 'd']) end(name);
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
});

test('nobody waits for what is asked of another', async () => {
  const inTurn = createTurns({ atOnceMax: 1, waitingMax: 9 });
  const { begun, work } = works();
  void inTurn('tea', soon(), work('a'));
  void inTurn('cups', soon(), work('b'));
  await settled();
  expect(begun).toEqual(['a', 'b']);
});

test('whose turn does not come in time begins nothing, and its place in line is free', async () => {
  const inTurn = createTurns({ atOnceMax: 1, waitingMax: 1 });
  const { begun, end, work } = works();
  const first = inTurn('tea', soon(), work('a'));
  expect(await inTurn('tea', Date.now() + 5, work('b'))).toBeUndefined();
  const third = inTurn('tea', soon(), work('c'));
  end('a');
  await first;
  await settled();
  end('c');
  expect(await third).toBe('c');
  expect(begun).toEqual(['a', 'c']);
});

test('a line that is full takes nobody', async () => {
  const inTurn = createTurns({ atOnceMax: 1, waitingMax: 1 });
  const { work } = works();
  void inTurn('tea', soon(), work('a'));
  void inTurn('tea', Date.now() + 50, work('b'));
  expect(await inTurn('tea', soon(), work('c'))).toBeUndefined();
});

test('work that fails gives its turn on', async () => {
  const inTurn = createTurns({ atOnceMax: 1, waitingMax: 1 });
  const failing = inTurn('tea', soon(), () => Promise.reject(new Error('broken')));
  const next = inTurn('tea', soon(), () => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('done');
});
