import { newId } from '../../db/ids';
import type { Database } from '../../db/pool';
import { putApiKey } from '../../db/stores/api-keys-store';
import { createMerchant } from '../../db/stores/merchants-store';
import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { publicId } from '../../domain/ids';
import { newApiKey } from '../../security/api-keys';
import type { SecretBox } from '../../security/secret-box';
import { call } from './api';
import { putChannel } from './channel';

export interface PlatformMerchant {
  id: string;
  publicId: string;
  apiKey: string;
}

/** The currencies of every merchant and channel that a test makes here. */
const currencies = ['USD', 'TWD', 'EUR'];

export async function addKey(
  database: Database,
  owner: Parameters<typeof putApiKey>[1]['owner'],
): Promise<string> {
  const key = newApiKey(owner.role === 'admin' ? 'admin' : owner.mode);
  await putApiKey(database, { id: newId(), owner, prefix: key.prefix, secretHash: key.hash });
  return key.text;
}

export async function addKpay(
  database: Database,
  secretBox: SecretBox,
  options: { baseUrl: string; ipsAllowed?: string[] },
): Promise<string> {
  const id = newId();
  await putChannel({ database, secretBox }, id, {
    channel: 'kpay',
    name: 'KPay sandbox',
    baseUrl: options.baseUrl,
    credentials: kpaySandboxAccount,
    currencies,
    webhookIpsAllowed: options.ipsAllowed ?? [],
  });
  return id;
}

export async function addMerchant(database: Database, name: string): Promise<PlatformMerchant> {
  const { id } = await createMerchant(database, { id: newId(), name, defaultCurrency: 'USD' });
  const apiKey = await addKey(database, { role: 'merchant', merchantId: id, mode: 'test' });
  return { id, publicId: publicId('merchant', id), apiKey };
}

/** Over the API, as an operator does it, on top of whatever there is; returns the secret that callbacks are signed with, if it is new. */
export async function configurePayments(
  where: { url: string; operatorKey: string },
  merchant: Pick<PlatformMerchant, 'publicId'>,
  config: Record<string, unknown>,
): Promise<string | undefined> {
  const path = `/api/v1/merchants/${merchant.publicId}/payment-config?mode=test`;
  const key = where.operatorKey;
  const standing = await call(where.url, 'GET', path, { key });
  const { version } = standing.body as { version?: number };
  const reply = await call(where.url, 'PUT', path, { key, body: { currencies, version, ...config } });
  if (reply.status !== 200) throw new Error(`payment configuration: ${reply.status} ${reply.text}`);
  return (reply.body as { callbackSecret: string | null }).callbackSecret ?? undefined;
}
