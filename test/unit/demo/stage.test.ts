import { createStage, StoryFailed } from '../../../dev/demo/stage';
import type { StackFile } from '../../../dev/stack/stack-file';

const stack: StackFile = {
  ...{ api: 'http://127.0.0.1:1/api/v1', ui: 'http://127.0.0.1:1', sandboxes: {}, pid: 1 },
  demo: { merchantId: 'mer_1', apiKey: 'key', operatorKey: 'key' },
};

function open() {
  const lines: string[] = [];
  const interruption = new AbortController();
  const stage = createStage(stack, (line) => void lines.push(line), interruption.signal);
  return { stage, lines, interruption };
}

const never = () => new Promise<never>(() => undefined);

test('interrupted in the middle of a step, the story ends there, and what it changed is put back, last in first out', async () => {
  const { stage, lines, interruption } = open();
  const putBack: string[] = [];
  await stage.step('operator', 'changes two things', () => {
    stage.afterwards('the first', () => Promise.resolve(putBack.push('first')));
    stage.afterwards('the second', () => Promise.resolve(putBack.push('second')));
    return Promise.resolve();
  });

  let heard: AbortSignal | undefined;
  const waiting = stage.step('customer', 'waits for ever', (signal) => {
    heard = signal;
    return never();
  });
  interruption.abort(new Error('Stopped by SIGTERM.'));
  await expect(waiting).rejects.toThrow(StoryFailed);
  expect(heard?.aborted).toBe(true);
  expect(lines.at(-1)).toMatch(/waits for ever – DID NOT HAPPEN: Stopped by SIGTERM\.$/);

  let isBegun = false;
  const next = stage.step('customer', 'goes on', async () => void (isBegun = true));
  await expect(next).rejects.toThrow(StoryFailed);
  expect(isBegun).toBe(false);

  await stage.close();
  expect(putBack).toEqual(['second', 'first']);
});

test('a step that takes too long ends the story, and one that can not be put back is told', async () => {
  const { stage, lines } = open();
  stage.afterwards('mending it', () => Promise.reject(new Error('it is broken')));
  await expect(stage.step('KPay', 'is silent', never, { withinMs: 10 })).rejects.toThrow('not within 0 s');
  await stage.close();
  expect(lines.at(-1)).toBe('Afterwards, mending it did not work: it is broken');
});
