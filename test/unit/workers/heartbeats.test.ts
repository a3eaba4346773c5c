import { MockActivityEnvironment } from '@temporalio/testing';
import { heartbeats } from '../../../workers/heartbeats';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

async function beatsOf(info: { heartbeatTimeoutMs?: number; isLocal?: boolean }): Promise<number> {
  const environment = new MockActivityEnvironment(info, { interceptors: [heartbeats] });
  let beats = 0;
  environment.on('heartbeat', () => (beats += 1));
  const running = environment.run(
    () => new Promise<string>((resolve) => setTimeout(() => resolve('done'), 90)),
  );
  await jest.advanceTimersByTimeAsync(90);
  expect(await running).toBe('done');
  const atItsEnd = beats;
  await jest.advanceTimersByTimeAsync(200);
  expect(beats).toBe(atItsEnd);
  return beats;
}

it('says that it is alive several times within the time-out, and not after its end', async () => {
  expect(await beatsOf({ heartbeatTimeoutMs: 60 })).toBe(4);
});

it('is silent where nobody listens', async () => {
  expect(await beatsOf({ heartbeatTimeoutMs: undefined })).toBe(0);
  expect(await beatsOf({ heartbeatTimeoutMs: 60, isLocal: true })).toBe(0);
});
