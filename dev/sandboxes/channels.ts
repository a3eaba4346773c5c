import type { CredentialField } from '../../domain/channel/credentials';
import { publicId } from '../../domain/ids';
import { ecpayCredentials } from '../../integrations/channels/ecpay/credentials';
import { kpayCredentials } from '../../integrations/channels/kpay/credentials';
import { stripeCredentials } from '../../integrations/channels/stripe/credentials';
import { tpayCredentials } from '../../integrations/channels/tpay/credentials';
import { ecpaySandboxAccount } from './ecpay/account';
import { kpaySandboxAccount } from './kpay/account';
import { stripeSandboxAccount } from './stripe/account';
import { tpaySandboxAccount } from './tpay/account';

interface ChannelSandbox {
  /** As people write it. */
  title: string;
  /** Where it listens unless `<NAME>_SANDBOX_PORT` says otherwise. */
  port: number;
  /** The demo merchant's configuration of the channel: the same at every start, so that a repeat finds it. */
  configId: string;
  credentials: Readonly<Record<string, string>>;
  /** The adapter's: says which of them are secret. */
  credentialFields: readonly CredentialField[];
  currencies: readonly string[];
}

/** The channels of the embedded stack, in the order in which the demo merchant's payments go to them. */
const channels = {
  kpay: {
    title: 'KPay',
    port: 8090,
    configId: '01980000-0000-7000-8000-000000000004',
    credentials: kpaySandboxAccount,
    credentialFields: kpayCredentials,
    currencies: ['TWD', 'USD', 'EUR'],
  },
  tpay: {
    title: 'TPay',
    port: 8091,
    configId: '01980000-0000-7000-8000-000000000005',
    credentials: tpaySandboxAccount,
    credentialFields: tpayCredentials,
    currencies: ['TWD'],
  },
  stripe: {
    title: 'Stripe',
    port: 8092,
    configId: '01980000-0000-7000-8000-000000000006',
    credentials: stripeSandboxAccount,
    credentialFields: stripeCredentials,
    currencies: ['TWD', 'USD', 'EUR'],
  },
  ecpay: {
    title: 'ECPay',
    port: 8093,
    configId: '01980000-0000-7000-8000-000000000007',
    credentials: { ...ecpaySandboxAccount, paymentTypes: 'Credit,ATM,CVS,ApplePay,TWQR' },
    credentialFields: ecpayCredentials,
    currencies: ['TWD'],
  },
} as const satisfies Record<string, ChannelSandbox>;

export type SandboxedChannel = keyof typeof channels;

export const channelSandboxes: Readonly<Record<SandboxedChannel, ChannelSandbox>> = channels;

export const sandboxedChannels = Object.keys(channels) as SandboxedChannel[];

/** The same for each of them. */
export function ofEachChannel<Value>(
  one: (name: SandboxedChannel, sandbox: ChannelSandbox) => Value,
): Record<SandboxedChannel, Value> {
  const entries = sandboxedChannels.map((name) => [name, one(name, channels[name])]);
  return Object.fromEntries(entries) as Record<SandboxedChannel, Value>;
}

/** What its `server.ts` reads: `KPAY_SANDBOX_PORT`. */
export function sandboxVariable(name: SandboxedChannel, what: 'PORT' | 'STATE' | 'WEBHOOK_URL'): string {
  return `${name.toUpperCase()}_SANDBOX_${what}`;
}

/** Its book's file in the stack's state folder. */
export function bookFile(name: SandboxedChannel): string {
  return `${name}-book.jsonl`;
}

/** Where a provider whose endpoint is set in its own dashboard sends what it has to tell. */
export function demoWebhookPath(name: SandboxedChannel): string {
  return `/api/v1/webhooks/${name}/${publicId('channelConfig', channels[name].configId)}`;
}
