import type { FeePlan, FeeScope, FeeTerms } from '../../domain/fees/terms';
import type { Queryable } from '../pool';

export interface FeePlanRow {
  id: string;
  name: string;
  scope: FeeScope;
  version: number;
  terms: FeeTerms;
  isEnabled: boolean;
  effectiveFrom: Date;
  createdBy: string;
  createdAt: Date;
}

export interface NewFeePlan {
  id: string;
  name: string;
  scope: FeeScope;
  terms: FeeTerms;
  effectiveFrom: Date;
  createdBy: string;
}

interface Raw {
  id: string;
  name: string;
  payer: FeeScope['payer'];
  transaction_type: FeeScope['transactionType'];
  currency: string;
  merchant_id: string | null;
  channel_config_id: string | null;
  method: string | null;
  version: number;
  terms: FeeTerms;
  is_enabled: boolean;
  effective_from: Date;
  created_by: string;
  version_created_at: Date;
}

const columns = `p.id, p.name, p.payer, p.transaction_type, p.currency, p.merchant_id, p.channel_config_id, p.method,
  v.version, v.terms, v.is_enabled, v.effective_from, v.created_by, v.created_at as version_created_at`;

/** Undefined when another plan is for the same. Repeated with the same id it is the plan that was made. */
export async function createFeePlan(db: Queryable, plan: NewFeePlan): Promise<FeePlanRow | undefined> {
  const { scope } = plan;
  await db.query(
    `with made as (
       insert into fee_plans (id, payer, transaction_type, currency, merchant_id, channel_config_id, method, name)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id
     )
     insert into fee_plan_versions (plan_id, version, terms, is_enabled, effective_from, created_by)
     select id, 1, $9, true, $10, $11 from made`,
    [
      plan.id,
      scope.payer,
      scope.transactionType,
      scope.currency,
      scope.merchantId ?? null,
      scope.channelConfigId ?? null,
      scope.method ?? null,
      plan.name,
      plan.terms,
      plan.effectiveFrom,
      plan.createdBy,
    ],
  );
  return findFeePlan(db, plan.id);
}

export interface NewFeePlanVersion {
  planId: string;
  /** The version that was read: another one since, and nothing is written. */
  basedOn: number;
  terms: FeeTerms;
  isEnabled: boolean;
  effectiveFrom: Date;
  createdBy: string;
}

/** Of the versions that have begun the one that began last holds: none begins before the one that holds already. */
export async function addFeePlanVersion(db: Queryable, next: NewFeePlanVersion): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into fee_plan_versions (plan_id, version, terms, is_enabled, effective_from, created_by)
     select plan_id, max(version) + 1, $3, $4,
       greatest($5::timestamptz, max(effective_from) filter (where effective_from <= now())), $6 from fee_plan_versions where plan_id = $1
     group by plan_id having max(version) = $2
     on conflict do nothing`,
    [next.planId, next.basedOn, next.terms, next.isEnabled, next.effectiveFrom, next.createdBy],
  );
  return rowCount === 1;
}

/** Its latest version, whether or not that has begun. */
export async function findFeePlan(db: Queryable, id: string): Promise<FeePlanRow | undefined> {
  const { rows } = await db.query<Raw>(
    `select ${columns} from fee_plans p join fee_plan_versions v on v.plan_id = p.id
     where p.id = $1 order by v.version desc limit 1`,
    [id],
  );
  return rows[0] && fromRow(rows[0]);
}

export interface FeePlanTimes {
  /** None: the plan has yet to begin. */
  current?: number;
  next?: { version: number; effectiveFrom: Date };
}

/** Which version holds at a moment, and which is the next to begin. */
export async function findFeePlanTimes(db: Queryable, id: string, at: Date): Promise<FeePlanTimes> {
  const { rows } = await db.query<{ version: number; effective_from: Date; has_begun: boolean }>(
    `(select version, effective_from, true as has_begun from fee_plan_versions
      where plan_id = $1 and effective_from <= $2 order by effective_from desc, version desc limit 1)
     union all
     (select version, effective_from, false from fee_plan_versions
      where plan_id = $1 and effective_from > $2 order by effective_from, version desc limit 1)`,
    [id, at],
  );
  const next = rows.find(({ has_begun }) => !has_begun);
  return {
    current: rows.find(({ has_begun }) => has_begun)?.version,
    next: next && { version: next.version, effectiveFrom: next.effective_from },
  };
}

const versionsMax = 200;

/** Newest first. */
export async function listFeePlanVersions(db: Queryable, id: string): Promise<FeePlanRow[]> {
  const { rows } = await db.query<Raw>(
    `select ${columns} from fee_plans p join fee_plan_versions v on v.plan_id = p.id
     where p.id = $1 order by v.version desc limit ${versionsMax}`,
    [id],
  );
  return rows.map(fromRow);
}

export interface FeePlanFilter {
  limit: number;
  startingAfter?: string;
  merchantId?: string;
  payer?: FeeScope['payer'];
}

export async function listFeePlans(db: Queryable, filter: FeePlanFilter): Promise<FeePlanRow[]> {
  const { rows } = await db.query<Raw>(
    `select ${columns} from fee_plans p
     join lateral (select * from fee_plan_versions where plan_id = p.id order by version desc limit 1) v on true
     where ($1::uuid is null or p.id < $1) and ($2::uuid is null or p.merchant_id = $2)
       and ($3::text is null or p.payer = $3)
     order by p.id desc limit $4`,
    [filter.startingAfter ?? null, filter.merchantId ?? null, filter.payer ?? null, filter.limit + 1],
  );
  return rows.map(fromRow);
}

/** A payment looks through all of them, so there is an end; what would be left out is never left out silently. */
const plansInEffectMax = 5_000;

export interface FeePlansWanted {
  merchantId: string;
  /** Left out: any. */
  payer?: FeeScope['payer'];
  currencies?: readonly string[];
  channelConfigIds: readonly string[];
}

/** The plans that hold at a moment and can fit a merchant's payments on these channels, its own and everybody's. */
export async function loadFeePlansInEffect(
  db: Queryable,
  { merchantId, payer, currencies, channelConfigIds }: FeePlansWanted,
  at: Date,
): Promise<FeePlan[]> {
  const { rows } = await db.query<Raw>({
    name: 'fee_plans.in_effect',
    text: `select ${columns} from fee_plans p
           join lateral (select * from fee_plan_versions where plan_id = p.id and effective_from <= $2
                         order by effective_from desc, version desc limit 1) v on v.is_enabled
           where (p.merchant_id is null or p.merchant_id = $1)
             and ($3::text[] is null or p.currency = any ($3))
             and (p.channel_config_id is null or p.channel_config_id = any ($4::uuid[]))
             and ($5::text is null or p.payer = $5)
           limit ${plansInEffectMax + 1}`,
    values: [merchantId, at, currencies ?? null, channelConfigIds, payer ?? null],
  });
  if (rows.length > plansInEffectMax) {
    throw new Error(
      `More than ${plansInEffectMax} fee plans fit payments of merchant ${merchantId}: disable those that nobody needs.`,
    );
  }
  return rows.map(fromRow).map(({ id, version, scope, terms }) => ({ planId: id, version, scope, terms }));
}

function fromRow(row: Raw): FeePlanRow {
  return {
    id: row.id,
    name: row.name,
    scope: {
      payer: row.payer,
      transactionType: row.transaction_type,
      currency: row.currency,
      ...(row.merchant_id !== null && { merchantId: row.merchant_id }),
      ...(row.channel_config_id !== null && { channelConfigId: row.channel_config_id }),
      ...(row.method !== null && { method: row.method }),
    },
    version: row.version,
    terms: row.terms,
    isEnabled: row.is_enabled,
    effectiveFrom: row.effective_from,
    createdBy: row.created_by,
    createdAt: row.version_created_at,
  };
}
