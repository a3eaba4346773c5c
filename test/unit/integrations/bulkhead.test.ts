import { createBulkhead } from '../../../integrations/bulkhead';
import { createDeadline, type Deadline } from '../../../integrations/deadline';

describe('the bulkhead', () => {
  const never: Deadline = { remainingMs: () => 60_000, signal: new AbortController().signal };

  it('grants places at once, then a queue, then nothing', async () => {
    const bulkhead = createBulkhead({ concurrencyMax: 2, queueMax: 1 });
    expect(bulkhead.enter(never)).toBe(true);
    expect(bulkhead.enter(never)).toBe(true);
    const queued = bulkhead.enter(never);
    expect(bulkhead.enter(never)).toBe(false);
    bulkhead.leave();
    expect(await queued).toBe(true);
  });

  it('serves who waits in the order of arrival, before any newcomer', async () => {
    const bulkhead = createBulkhead({ concurrencyMax: 1, queueMax: 2 });
    const order: string[] = [];
    expect(bulkhead.enter(never)).toBe(true);
    const first = Promise.resolve(bulkhead.enter(never)).then(() => order.push('first'));
    const second = Promise.resolve(bulkhead.enter(never)).then(() => order.push('second'));
    bulkhead.leave();
    expect(bulkhead.enter(never)).not.toBe(true);
    await first;
    bulkhead.leave();
    await second;
    expect(order).toEqual(['first', 'second']);
  });

  it('forgets who gave up waiting, and gives its turn to the next', async () => {
    const bulkhead = createBulkhead({ concurrencyMax: 1, queueMax: 2 });
    expect(bulkhead.enter(never)).toBe(true);
    const left = bulkhead.enter(createDeadline(10));
    const stayed = bulkhead.enter(never);
    expect(await left).toBe(false);
    bulkhead.leave();
    expect(await stayed).toBe(true);
    bulkhead.leave();
    expect(bulkhead.enter(never)).toBe(true);
  });

  it('loses no place over many turns', async () => {
    const bulkhead = createBulkhead({ concurrencyMax: 3, queueMax: 100 });
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        expect(await bulkhead.enter({ ...never, signal: new AbortController().signal })).toBe(true);
        inside += 1;
        most = Math.max(most, inside);
        await Promise.resolve();
        inside -= 1;
        bulkhead.leave();
      }),
    );
    expect(most).toBe(3);
    for (let place = 0; place < 3; place += 1) expect(bulkhead.enter(never)).toBe(true);
    expect(bulkhead.enter(never)).not.toBe(true);
  });
});
