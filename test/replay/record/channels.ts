import { setTimeout as sleep } from 'node:timers/promises';
import { apiCaller } from '../../../dev/demo/parties/http';
import { ecpaySandboxAccount } from '../../../dev/sandboxes/ecpay/account';
import { kpaySandboxAccount } from '../../../dev/sandboxes/kpay/account';
import type { RecordingStage } from './case';

/** Processes hear of it within a second. */
const heardMs = 1_200;

/** A channel of a case's own, so that what is changed about it changes nothing for the others. */
export interface OwnChannel {
  id: string;
  switches(to: 'on' | 'off'): Promise<void>;
  /** Other credentials: the whole of them. */
  configures(credentials: object): Promise<void>;
}

export const ecpayCredentials = {
  ...ecpaySandboxAccount,
  ...{ paymentTypes: 'Credit', dailyClosing: 'on', closingHours: 'none' },
};

export const ownKpay = (stage: RecordingStage, baseUrl?: string) =>
  addChannel(stage, 'kpay', kpaySandboxAccount, baseUrl);
export const ownEcpay = (stage: RecordingStage) => addChannel(stage, 'ecpay', ecpayCredentials);

async function addChannel(
  stage: RecordingStage,
  channel: 'kpay' | 'ecpay',
  credentials: object,
  baseUrl = stage.stack.sandboxes[channel],
): Promise<OwnChannel> {
  const operator = apiCaller(stage.stack.api, stage.stack.demo.operatorKey);
  const settings = {
    name: `A case's ${channel}`,
    currencies: ['TWD'],
    baseUrl,
  };
  const id = await stage.step('operator', `configures a channel at ${channel}`, async (signal) => {
    const body = { channel, mode: 'test', ...settings, credentials };
    return (await operator.post<{ id: string }>('/admin/channels', body, signal)).body.id;
  });
  const path = `/admin/channels/${id}`;

  return {
    id,
    switches: (to) =>
      stage.step('operator', `switches it ${to}`, async (signal) => {
        await operator.post(`${path}/switch`, { to, reason: 'a recording' }, signal);
        await sleep(heardMs, undefined, { signal });
      }),
    configures: (changed) =>
      stage.step('operator', 'configures it anew', async (signal) => {
        await operator.put(path, { ...settings, credentials: changed, reason: 'a recording' }, signal);
        await sleep(heardMs, undefined, { signal });
      }),
  };
}

/** ECPay has closed its doors a minute ago, and opens them again so soon. */
export function closingFor(ms: number): string {
  const inTaipei = (offsetMs: number) =>
    new Date(Date.now() + 8 * 3_600_000 + offsetMs).toISOString().slice(11, 19);
  return `${inTaipei(-60_000)}-${inTaipei(ms)}`;
}
