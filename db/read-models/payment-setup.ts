import type { PaymentSetup } from '../../domain/payment/plan';
import type { Mode } from '../../domain/payment/reference';
import type { ChannelAmounts } from '../../domain/routing/amounts';
import type { ChannelLimit, ChannelSwitch, RoutingCandidate } from '../../domain/routing/contracts';
import type { MaintenanceWindow } from '../../domain/routing/maintenance';
import type { Queryable } from '../pool';
import { loadPrices, type VolumeSources } from './prices';

interface SetupRow {
  default_currency: string;
  status: 'active' | 'suspended';
  version: number | null;
  currencies: string[] | null;
  expiry_ms: bigint | null;
  callback_endpoint_id: string | null;
  limits: Record<string, { min?: string; max?: string }> | null;
  attempts_max: number;
  capture_within_ms: bigint;
  capture_at_deadline: 'capture' | 'void';
  review_above: Record<string, string>;
  review_within_ms: bigint;
  review_at_deadline: 'approve' | 'reject';
  late_money: 'refund' | 'accept' | 'ask';
  channels: ChannelRow[] | null;
}

interface ChannelRow {
  id: string;
  channel: string;
  currencies: string[];
  isEnabled: boolean;
  methods: string[] | null;
  /** Sealed, as hex. */
  credentials: string;
  limits: Record<string, ChannelLimit>;
  weight: number;
  priority: number;
  maintenance: MaintenanceWindow[];
  switched: ChannelSwitch;
}

const statement = `
select m.status, m.default_currency, c.version, c.currencies, c.expiry_ms, c.limits, c.attempts_max,
  c.capture_within_ms, c.capture_at_deadline, c.review_above, c.review_within_ms, c.review_at_deadline, c.late_money,
  case when e.is_enabled then c.callback_endpoint_id end as callback_endpoint_id,
  (select jsonb_agg(jsonb_build_object('id', ch.id, 'channel', ch.channel, 'currencies', ch.currencies,
      'isEnabled', ch.is_enabled, 'methods', ch.methods, 'credentials', encode(ch.credentials, 'hex'),
      'limits', ch.limits, 'weight', ch.weight,
      'priority', ch.priority, 'maintenance', ch.maintenance, 'switched', ch.switched) order by wanted.position)
    from unnest(c.channel_config_ids) with ordinality as wanted (id, position)
    join channel_configs ch on ch.id = wanted.id and ch.mode = c.mode) as channels
from merchants m
left join payment_configs c on c.merchant_id = m.id and c.mode = $2
left join webhook_endpoints e on e.id = c.callback_endpoint_id
where m.id = $1`;

/** What a build knows of a channel, and of what this account of it can do. */
export interface ChannelAbilities {
  methods: readonly string[];
  methodsToReserve: readonly string[];
  /** Undefined: this build does not have the channel. */
  amounts?: readonly ChannelAmounts[];
  keepsMethods: boolean;
}

/** A configured account; its credentials are still sealed. */
export interface SealedChannel {
  id: string;
  channel: string;
  credentials: Buffer;
}

export interface SetupSources extends VolumeSources {
  abilitiesOf(channel: SealedChannel): ChannelAbilities;
}

/** All that a new payment is planned from, in one read. */
export async function loadPaymentSetup(
  database: Queryable,
  merchantId: string,
  mode: Mode,
  sources: SetupSources,
): Promise<(PaymentSetup & { defaultCurrency: string }) | undefined> {
  const { rows } = await database.query<SetupRow>({
    name: 'payment-setup',
    text: statement,
    values: [merchantId, mode],
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  const wanted = {
    ...{ merchantId, mode },
    currencies: row.currencies ?? [],
    channelConfigIds: (row.channels ?? []).map(({ id }) => id),
  };
  return {
    ...(await loadPrices(database, wanted, new Date(), sources)),
    defaultCurrency: row.default_currency,
    merchantStatus: row.status,
    config:
      row.version === null
        ? undefined
        : {
            version: row.version,
            currencies: row.currencies ?? [],
            expiryMs: Number(row.expiry_ms),
            callbackEndpointId: row.callback_endpoint_id ?? undefined,
            limits: row.limits ?? {},
            reviewAbove: row.review_above,
            rules: {
              attemptsMax: row.attempts_max,
              captureWithinMs: Number(row.capture_within_ms),
              captureAtDeadline: row.capture_at_deadline,
              reviewWithinMs: Number(row.review_within_ms),
              reviewAtDeadline: row.review_at_deadline,
              lateMoney: row.late_money,
            },
          },
    candidates: (row.channels ?? []).map((channel) => {
      const credentials = Buffer.from(channel.credentials, 'hex');
      return toCandidate(channel, sources.abilitiesOf({ ...channel, credentials }));
    }),
  };
}

/** A configuration may offer less than its adapter can, never more. */
function toCandidate(row: ChannelRow, abilities: ChannelAbilities): RoutingCandidate {
  const { id, channel, currencies, isEnabled, methods, limits, weight, priority, maintenance, switched } =
    row;
  const offered = (method: string) => methods?.includes(method) ?? true;
  return {
    channelConfigId: id,
    ...{ channel, currencies, isEnabled, limits, weight, priority, maintenance, switched },
    methods: abilities.methods.filter(offered),
    methodsToReserve: abilities.methodsToReserve.filter(offered),
    amounts: abilities.amounts,
    keepsMethods: abilities.keepsMethods,
  };
}
