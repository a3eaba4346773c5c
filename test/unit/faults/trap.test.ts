import { setTimeout as sleep } from 'node:timers/promises';
import { createOrderNames } from '../../faults/wire/order-names';
import type { Wire } from '../../faults/wire/proxy';
import { createTraps } from '../../faults/wire/trap';

const paymentId = '01a1fcd6-9763-714c-9bd8-0907737b35bb';
const wire: Wire = { clientPort: 1, cut: () => undefined };
const other: Wire = { clientPort: 2, cut: () => undefined };
const message = (text: string) => Buffer.from(text, 'latin1');
const traps = () =>
  createTraps<'charge'>((_wire, chunk) => {
    const about = chunk.toString('latin1');
    return { moments: about.startsWith('charge') ? ['charge'] : [], about };
  });
const wish = { moment: 'charge', isVictim: () => true } as const;
const patience = { meantWithinMs: 1_000, withinMs: 1_000, answeredWithinMs: 20 };

it('knows an order by its number and by its payment, and no other', () => {
  const names = createOrderNames();
  names.learn(`Bind\0f1-2\0\0\0\x24${paymentId}\0`);
  expect(names.isAbout('f1-2', 'order f1-2.r0')).toBe(true);
  expect(names.isAbout('f1-2', `update ${paymentId}`)).toBe(true);
  expect(names.isAbout('f1-2', `GET /v1/orders/pay_${paymentId.replaceAll('-', '')}-1`)).toBe(true);
  expect(names.isAbout('f1-2', 'order f1-23')).toBe(false);
  expect(names.isAbout('f1-3', `update ${paymentId}`)).toBe(false);
});

it('before: the message that is meant is held back, and others pass', async () => {
  const { catchNext, look } = traps();
  const caught = catchNext({ ...wish, side: 'before', isMeant: (about) => about.endsWith('b') }, patience);
  expect(look(wire, 'out', message('charge a'))).toBe('pass');
  expect(look(wire, 'out', message('read b'))).toBe('pass');
  expect(look(wire, 'out', message('charge b'))).toBe('stop');
  expect(await caught).toMatchObject({ isMeant: true });
  expect(look(wire, 'out', message('charge b'))).toBe('pass');
});

it('after: the message passes, and the answer on the same wire is held back', async () => {
  const { catchNext, look } = traps();
  const caught = catchNext({ ...wish, side: 'after' }, patience);
  expect(look(wire, 'out', message('charge a'))).toBe('pass');
  expect(look(other, 'back', message('done'))).toBe('pass');
  expect(look(wire, 'back', message('done'))).toBe('stop');
  expect(await caught).toMatchObject({ wire, isMeant: false });
});

it('after: waits for the answer to the next one where the first gets none', async () => {
  const { catchNext, look } = traps();
  const caught = catchNext({ ...wish, side: 'after' }, patience);
  expect(look(wire, 'out', message('charge a'))).toBe('pass');
  await sleep(30);
  expect(look(other, 'out', message('charge b'))).toBe('pass');
  expect(look(other, 'back', message('done'))).toBe('stop');
  expect(await caught).toMatchObject({ wire: other });
});

it('takes another where the one that is meant does not come, and gives up at last', async () => {
  const { catchNext, look } = traps();
  const wanted = { ...wish, side: 'before', isMeant: () => false } as const;
  const caught = catchNext(wanted, { meantWithinMs: 0, withinMs: 1_000, answeredWithinMs: 20 });
  expect(look(wire, 'out', message('charge a'))).toBe('stop');
  expect(await caught).toMatchObject({ isMeant: false });
  expect(await catchNext(wanted, { meantWithinMs: 0, withinMs: 10, answeredWithinMs: 20 })).toBeUndefined();
});
