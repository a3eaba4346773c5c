import { createBreaker, type Breaker, type BreakerState } from '../../../integrations/breaker';

const restMs = 60_000;

describe('the breaker', () => {
  let breaker: Breaker;
  let states: BreakerState[];

  beforeEach(() => {
    jest.useFakeTimers();
    states = [];
    breaker = createBreaker({
      failuresInARowMax: 5,
      restMs,
      successesToClose: 2,
      onState: (state) => states.push(state),
    });
  });
  afterEach(() => {
    breaker.close();
    jest.useRealTimers();
  });

  const run = (result: 'good' | 'bad') =>
    breaker.run(
      async () => result,
      (came) => came === 'bad',
    );

  async function runs(...results: ('good' | 'bad')[]): Promise<void> {
    for (const result of results) expect(await run(result)).toEqual({ ran: true, result });
  }

  async function opened(): Promise<void> {
    await runs('bad', 'bad', 'bad', 'bad', 'bad');
    expect(breaker.state).toBe('open');
  }

  /** A call that stays under way until it is told how it ended. */
  function begin() {
    let end: (result: 'good' | 'bad') => void = () => undefined;
    const done = breaker.run(
      () => new Promise<'good' | 'bad'>((resolve) => (end = resolve)),
      (came) => came === 'bad',
    );
    return { end: (result: 'good' | 'bad') => end(result), done };
  }

  it('opens at the fifth failure in a row and refuses without calling', async () => {
    await runs('bad', 'bad', 'bad', 'bad');
    expect(breaker.state).toBe('closed');
    await runs('bad');
    const work = jest.fn(async () => 'good');
    expect(await breaker.run(work, () => false)).toEqual({ ran: false });
    expect(work).not.toHaveBeenCalled();
  });

  it('counts failures in a row only, however many there are among the successes', async () => {
    for (let round = 0; round < 20; round += 1) await runs('bad', 'bad', 'bad', 'bad', 'good');
    expect(breaker.state).toBe('closed');
  });

  it('rests for the whole time, then lets one call try', async () => {
    await opened();
    jest.advanceTimersByTime(restMs - 1);
    expect(await run('good')).toEqual({ ran: false });
    jest.advanceTimersByTime(1);
    expect(breaker.state).toBe('half_open');
    const trial = begin();
    expect(await run('good')).toEqual({ ran: false });
    trial.end('good');
    expect(await trial.done).toEqual({ ran: true, result: 'good' });
  });

  it('closes after the second success, and not after the first', async () => {
    await opened();
    jest.advanceTimersByTime(restMs);
    await runs('good');
    expect(breaker.state).toBe('half_open');
    const second = begin();
    expect(await run('good')).toEqual({ ran: false });
    second.end('good');
    await second.done;
    expect(breaker.state).toBe('closed');
    expect(states).toEqual(['open', 'half_open', 'closed']);
  });

  it.each([
    ['the first trial', []],
    ['the second trial', ['good' as const]],
  ])('opens again for the whole rest when %s fails', async (_name, before) => {
    await opened();
    jest.advanceTimersByTime(restMs);
    await runs(...before, 'bad');
    expect(breaker.state).toBe('open');
    jest.advanceTimersByTime(restMs - 1);
    expect(await run('good')).toEqual({ ran: false });
    jest.advanceTimersByTime(1);
    await runs('good', 'good');
    expect(breaker.state).toBe('closed');
  });

  it('wants five failures again once it has closed', async () => {
    await opened();
    jest.advanceTimersByTime(restMs);
    await runs('good', 'good', 'bad', 'bad', 'bad', 'bad');
    expect(breaker.state).toBe('closed');
  });

  it('does not take the success of a call from before for a sign of health', async () => {
    const old = begin();
    await opened();
    jest.advanceTimersByTime(restMs);
    old.end('good');
    await old.done;
    expect(breaker.state).toBe('half_open');
    await runs('good');
    expect(breaker.state).toBe('half_open');
    await runs('good');
    expect(breaker.state).toBe('closed');
  });

  it('opens once when many calls fail together', async () => {
    const calls = Array.from({ length: 50 }, begin);
    for (const call of calls) call.end('bad');
    await Promise.all(calls.map((call) => call.done));
    expect(states).toEqual(['open']);
  });
});
