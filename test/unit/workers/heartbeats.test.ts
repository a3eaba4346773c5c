import { setTimeout as sleep } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { heartbeats } from '../../../workers/heartbeats';

async function beatsOf(info: { heartbeatTimeoutMs?: number; isLocal?: boolean }): Promise<number> {
  const environment = new MockActivityEnvironment(info, { interceptors: [heartbeats] });
  let beats = 0;
  environment.on('heartbeat', () => (beats += 1));
  expect(await environment.run(() => sleep(100, 'done'))).toBe('done');
  const atItsEnd = beats;
  await sleep(40);
  expect(beats).toBe(atItsEnd);
  return beats;
}

it('says that it is alive several times within the time-out, and not after its end', async () => {
  expect(await beatsOf({ heartbeatTimeoutMs: 60 })).toBeGreaterThan(2);
});

it('is silent where nobody listens', async () => {
  expect(await beatsOf({ heartbeatTimeoutMs: undefined })).toBe(0);
  expect(await beatsOf({ heartbeatTimeoutMs: 60, isLocal: true })).toBe(0);
});
