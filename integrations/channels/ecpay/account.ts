import type { ChannelConfig } from '../payment-provider';
import type { HashKeys } from './check-mac-value';
import { methodFor } from './payment-ways';

/** One configured account at ECPay, read from its configuration. */
export interface EcpayAccount {
  merchantId: string;
  keys: HashKeys;
  /** Scheme, host and port of the cashier, and of the statements, which ECPay keeps on another host. */
  origin: string;
  statementOrigin: string;
  basePath: string;
  /** Needed to look into a card's authorisation: without it nothing can be captured or given back. */
  creditCheckCode?: string;
  /** ECPay's names of the ways to pay that are offered of those this account has, the usual one first. */
  ways: readonly string[];
  /** ECPay closes what is authorised by itself every evening: such an account can't hold a reservation. */
  closesDaily: boolean;
}

export type AccountWays = Pick<EcpayAccount, 'creditCheckCode' | 'ways' | 'closesDaily'>;

export type AccountReading = { ok: true; account: EcpayAccount } | { ok: false; message: string };

/** Published by ECPay for everybody: who signs with their keys proves nothing. */
export const publicMerchants: readonly string[] = ['2000132', '2000214', '3002599', '3002607'];

export function readAccount(config: ChannelConfig): AccountReading {
  const { merchantId, hashKey, hashIv } = config.credentials;
  const base = URL.canParse(config.baseUrl) ? new URL(config.baseUrl) : undefined;
  if (!merchantId || !hashKey || !hashIv || base === undefined) {
    const message = 'ECPay wants a base address and the credentials merchantId, hashKey and hashIv.';
    return { ok: false, message };
  }
  const mixed = mixedModes(config.mode, base.hostname, merchantId);
  if (mixed !== undefined) return { ok: false, message: mixed };
  const account = accountWays(config.credentials);
  const isOffered = (way: string) => config.methods?.includes(methodFor(way) ?? '') ?? true;
  return {
    ok: true,
    account: {
      merchantId,
      keys: { hashKey, hashIv },
      origin: base.origin,
      statementOrigin: statementOrigin(base),
      basePath: base.pathname.replace(/\/$/, ''),
      ...account,
      ways: account.ways.filter(isOffered),
    },
  };
}

/** What the account says about how it can be paid, whatever else is wrong with it. */
export function accountWays(credentials: Readonly<Record<string, string>>): AccountWays {
  const { creditCheckCode, dailyClosing, paymentTypes } = credentials;
  return {
    ...(creditCheckCode ? { creditCheckCode } : {}),
    ways: (paymentTypes || 'Credit').split(',').map((way) => way.trim()),
    closesDaily: dailyClosing !== 'off',
  };
}

/** Every pair that a notification may be signed with while they change; an empty one would verify anybody's. */
export function notificationKeys({ credentials }: ChannelConfig): HashKeys[] {
  const { hashKey, hashIv, previousHashKey, previousHashIv } = credentials;
  return [pair(hashKey, hashIv), pair(previousHashKey, previousHashIv || hashIv)].flat();
}

function pair(hashKey: string | undefined, hashIv: string | undefined): HashKeys[] {
  return hashKey && hashIv ? [{ hashKey, hashIv }] : [];
}

/** Undefined if the mode fits the address and the merchant. */
function mixedModes(mode: ChannelConfig['mode'], host: string, merchantId: string): string | undefined {
  const isStage = /^[a-z]+-stage\.ecpay\.com\.tw$/.test(host);
  if (mode === 'live' && (isStage || publicMerchants.includes(merchantId))) {
    return 'A live channel of ECPay refuses the test environment and its public merchants.';
  }
  if (mode === 'test' && !isStage && host.endsWith('.ecpay.com.tw')) {
    return 'A test channel of ECPay refuses the production environment.';
  }
  return undefined;
}

function statementOrigin(base: URL): string {
  const vendor = new URL(base.origin);
  vendor.hostname = base.hostname.replace(/^payment(?=(-stage)?\.ecpay\.com\.tw$)/, 'vendor');
  return vendor.origin;
}
