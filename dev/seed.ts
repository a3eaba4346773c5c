import { usualRules } from '../domain/payment/plan';
import { loadSettings } from '../config/settings';
import { createPool, type Queryable } from '../db/pool';
import type { Scope } from '../db/scope';
import { putApiKey } from '../db/stores/api-keys-store';
import { createFeePlan } from '../db/stores/fee-plans-store';
import { addRateSource, changeRateSource, findRateSource } from '../db/stores/rate-sources-store';
import { createMerchant } from '../db/stores/merchants-store';
import { putPaymentConfig } from '../db/stores/payment-configs-store';
import { publicId } from '../domain/ids';
import { parseAmount } from '../domain/money/amount';
import { stripeTerms } from '../integrations/channels/stripe/terms';
import { hashApiKey } from '../security/api-keys';
import { seedChannels } from './seed-channels';
import { seedServices } from './seed-services';
import { createSecretBox } from '../security/secret-box';
import { channelSandboxes, sandboxedChannels, type SandboxedChannel } from './sandboxes/channels';

export interface Demo {
  merchantId: string;
  /** The demo merchant's, test mode. */
  apiKey: string;
  operatorKey: string;
}

export interface SeedOptions {
  env: NodeJS.ProcessEnv;
  keys: { apiKey: string; operatorKey: string };
  /** Base URLs by name. */
  sandboxes: Record<SandboxedChannel | 'postbox' | 'rates', string>;
}

/** The same at every start, so that a repeat finds what the first one made. */
const IDS = {
  merchant: '01980000-0000-7000-8000-000000000001',
  merchantKey: '01980000-0000-7000-8000-000000000002',
  operatorKey: '01980000-0000-7000-8000-000000000003',
  rates: '01980000-0000-7000-8000-0000000000e1',
};

const MODE = 'test';
const CURRENCIES = ['TWD', 'USD', 'EUR'];
const EXPIRY_MS = 1_800_000n;

/**
 * A demo merchant who can take payments in test mode through the sandboxes, KPay first, and an operator. Safe to repeat:
 * what a person changed stays.
 */
export async function seedDemo(options: SeedOptions): Promise<Demo> {
  const settings = loadSettings(options.env);
  const pool = createPool({
    url: settings.DATABASE_URL,
    size: 1,
    statementTimeoutMs: settings.DATABASE_STATEMENT_TIMEOUT_MS,
    name: 'durapay-seed',
  });
  try {
    await createMerchant(pool, { id: IDS.merchant, name: 'Demo Tea House', defaultCurrency: 'TWD' });
    await seedKeys(pool, options.keys);
    const secretBox = createSecretBox(settings.ENCRYPTION_KEYS);
    await seedChannels(pool, secretBox, options.sandboxes);
    await seedCosts(pool);
    await seedPaymentConfig(pool);
    await seedServices(pool, secretBox, options.sandboxes.postbox);
    await seedRateSource(pool, options.sandboxes.rates);
  } finally {
    await pool.end();
  }
  return { merchantId: publicId('merchant', IDS.merchant), ...options.keys };
}

/** What a dollar is worth, from a market of this stack's own; fetched like any other. */
async function seedRateSource(db: Queryable, baseUrl: string): Promise<void> {
  const content = {
    name: 'sandbox',
    url: `${baseUrl}/v1/latest?base={base}`,
    pairs: ['TWD', 'EUR', 'JPY', 'BTC'].map((quote) => ({ base: 'USD', quote, path: `$.rates.${quote}` })),
    observedAtPath: '$.timestamp',
    spreadPercent: '0.5',
    isEnabled: true,
    changedBy: IDS.operatorKey,
  };
  await addRateSource(db, IDS.rates, content);
  const known = await findRateSource(db, IDS.rates);
  if (known !== undefined && known.url !== content.url) {
    await changeRateSource(db, IDS.rates, known.version, { ...known, url: content.url });
  }
}

async function seedKeys(db: Queryable, keys: SeedOptions['keys']): Promise<void> {
  const owners: { id: string; owner: Scope; text: string }[] = [
    {
      id: IDS.merchantKey,
      owner: { role: 'merchant', merchantId: IDS.merchant, mode: MODE },
      text: keys.apiKey,
    },
    { id: IDS.operatorKey, owner: { role: 'admin' }, text: keys.operatorKey },
  ];
  for (const { id, owner, text } of owners) {
    const prefix = text.slice(0, text.lastIndexOf('_'));
    await putApiKey(db, { id, owner, prefix, secretHash: hashApiKey(text) });
  }
}

/** What the providers publish as their price, so that the books know what a payment costs. */
async function seedCosts(db: Queryable): Promise<void> {
  for (const [index, cost] of stripeTerms.costs.entries()) {
    const { currency, percent, fixed } = cost;
    const transactionType = cost.transactionType === 'refund' ? 'refund' : 'payment';
    const parsed = parseAmount(fixed, currency);
    if (!parsed.ok) throw new Error(`Stripe's price does not read: ${fixed} ${currency}`);
    await createFeePlan(db, {
      id: `01980000-0000-7000-8000-0000000001${String(index).padStart(2, '0')}`,
      name: `Stripe's price of a ${transactionType} in ${currency}`,
      scope: {
        payer: 'platform',
        transactionType,
        currency,
        channelConfigId: channelSandboxes.stripe.configId,
      },
      terms: {
        tiers: [{ fromVolume: '0', percent, fixed: parsed.minor.toString() }],
        refundable: 'none',
      },
      effectiveFrom: new Date(0),
      createdBy: 'seed',
    });
  }
}

async function seedPaymentConfig(db: Queryable): Promise<void> {
  await putPaymentConfig(
    db,
    { role: 'admin' },
    {
      merchantId: IDS.merchant,
      mode: MODE,
      currencies: CURRENCIES,
      channelConfigIds: sandboxedChannels.map((name) => channelSandboxes[name].configId),
      callbackEndpointId: null,
      expiryMs: EXPIRY_MS,
      limits: {},
      rules: usualRules,
      reviewAbove: {},
      onVersion: 0,
    },
  );
}
