import type { PaymentRules } from '../../domain/payment/plan';
import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';

/** By currency, in smallest units, as decimal digits. */
export type StoredLimits = Record<string, { min?: string; max?: string }>;

export interface PaymentConfigRow {
  merchantId: string;
  mode: Mode;
  version: number;
  currencies: string[];
  /** In the order of preference. */
  channelConfigIds: string[];
  callbackEndpointId: string | null;
  callbackUrl: string | null;
  expiryMs: bigint;
  limits: StoredLimits;
  rules: PaymentRules;
  /** By currency, in smallest units, as decimal digits. */
  reviewAbove: Record<string, string>;
  updatedAt: Date;
}

interface Raw {
  merchant_id: string;
  mode: Mode;
  version: number;
  currencies: string[];
  channel_config_ids: string[];
  callback_endpoint_id: string | null;
  callback_url: string | null;
  expiry_ms: bigint;
  limits: StoredLimits;
  attempts_max: number;
  capture_within_ms: bigint;
  capture_at_deadline: PaymentRules['captureAtDeadline'];
  review_above: Record<string, string>;
  review_within_ms: bigint;
  review_at_deadline: PaymentRules['reviewAtDeadline'];
  late_money: PaymentRules['lateMoney'];
  updated_at: Date;
}

export interface ConfigOf {
  merchantId: string;
  mode: Mode;
}

export async function findPaymentConfig(
  db: Queryable,
  scope: Scope,
  of: ConfigOf,
): Promise<PaymentConfigRow | undefined> {
  const { rows } = await db.query<Raw>(
    `select c.*, e.url as callback_url
     from payment_configs c left join webhook_endpoints e on e.id = c.callback_endpoint_id
     where c.merchant_id = $1 and c.mode = $2 and ($3::uuid is null or (c.merchant_id = $3 and c.mode = $4))`,
    [of.merchantId, of.mode, ...tenantOf(scope)],
  );
  return rows[0] && fromRow(rows[0]);
}

export type PaymentConfigWrite = Omit<PaymentConfigRow, 'version' | 'updatedAt' | 'callbackUrl'> & {
  /** The version this write was made from; 0: there is none yet. */
  onVersion: number;
};

/** The new version, or undefined if another write came first, or the scope does not reach it. */
export async function putPaymentConfig(
  db: Queryable,
  scope: Scope,
  config: PaymentConfigWrite,
): Promise<number | undefined> {
  const { rows } = await db.query<{ version: number }>(
    `insert into payment_configs as c
       (merchant_id, mode, currencies, channel_config_ids, callback_endpoint_id, expiry_ms, limits,
        attempts_max, capture_within_ms, capture_at_deadline, review_above, review_within_ms, review_at_deadline,
        late_money)
     select $1::uuid, $2::text, $3::text[], $4::uuid[], $5::uuid, $6::bigint, $7::jsonb,
       $11::int, $12::bigint, $13::text, $14::jsonb, $15::bigint, $16::text, $17::text
     where ($9::uuid is null or ($1::uuid = $9 and $2::text = $10))
       and ($8::int = 0
         or exists (select from payment_configs where merchant_id = $1::uuid and mode = $2::text))
     on conflict (merchant_id, mode) do update set currencies = excluded.currencies,
       channel_config_ids = excluded.channel_config_ids, callback_endpoint_id = excluded.callback_endpoint_id,
       expiry_ms = excluded.expiry_ms, limits = excluded.limits, attempts_max = excluded.attempts_max,
       capture_within_ms = excluded.capture_within_ms, capture_at_deadline = excluded.capture_at_deadline,
       review_above = excluded.review_above, review_within_ms = excluded.review_within_ms,
       review_at_deadline = excluded.review_at_deadline, late_money = excluded.late_money, version = c.version + 1, updated_at = now()
     where c.version = $8
     returning version`,
    [
      config.merchantId,
      config.mode,
      config.currencies,
      config.channelConfigIds,
      config.callbackEndpointId,
      config.expiryMs,
      JSON.stringify(config.limits),
      config.onVersion,
      ...tenantOf(scope),
      config.rules.attemptsMax,
      config.rules.captureWithinMs,
      config.rules.captureAtDeadline,
      JSON.stringify(config.reviewAbove),
      config.rules.reviewWithinMs,
      config.rules.reviewAtDeadline,
      config.rules.lateMoney,
    ],
  );
  return rows[0]?.version;
}

function tenantOf(scope: Scope): [string | null, Mode | null] {
  return scope.role === 'merchant' ? [scope.merchantId, scope.mode] : [null, null];
}

function fromRow(row: Raw): PaymentConfigRow {
  return {
    merchantId: row.merchant_id,
    mode: row.mode,
    version: row.version,
    currencies: row.currencies,
    channelConfigIds: row.channel_config_ids,
    callbackEndpointId: row.callback_endpoint_id,
    callbackUrl: row.callback_url,
    expiryMs: row.expiry_ms,
    limits: row.limits,
    rules: {
      attemptsMax: row.attempts_max,
      captureWithinMs: Number(row.capture_within_ms),
      captureAtDeadline: row.capture_at_deadline,
      reviewWithinMs: Number(row.review_within_ms),
      reviewAtDeadline: row.review_at_deadline,
      lateMoney: row.late_money,
    },
    reviewAbove: row.review_above,
    updatedAt: row.updated_at,
  };
}
