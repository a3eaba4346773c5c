import type { Mode } from '../../domain/payment/reference';
import type { ChannelSwitch } from '../../domain/routing/contracts';
import type { Queryable } from '../pool';

/** A channel's configuration without its credentials: enough to choose it. */
export interface ChannelChoice {
  id: string;
  channel: string;
  currencies: string[];
  isEnabled: boolean;
}

export interface ChannelConfigRow extends ChannelChoice {
  mode: Mode;
  name: string;
  baseUrl: string;
  /** Sealed by the secret box for `channelCredentialsAad(id)`; the clear text is a JSON object of strings. */
  credentials: Buffer;
  /** Null: all that the account can do. */
  methods: string[] | null;
  webhookIpsAllowed: string[];
  switched: ChannelSwitch;
}

interface Raw {
  id: string;
  channel: string;
  mode: Mode;
  name: string;
  base_url: string;
  credentials: Buffer;
  currencies: string[];
  methods: string[] | null;
  webhook_ips_allowed: string[];
  is_enabled: boolean;
  switched: ChannelSwitch;
}

/** Where a channel's credentials stand: sealed for one row, they can't be opened in another. */
export function channelCredentialsAad(id: string): string {
  return `channel_configs.credentials/${id}`;
}

/** Every configuration of a mode; an installation has tens of them, never thousands. */
export async function listChannelChoices(db: Queryable, mode: Mode): Promise<ChannelChoice[]> {
  const { rows } = await db.query<Raw>(
    `select id, channel, currencies, is_enabled from channel_configs where mode = $1 order by id limit 1000`,
    [mode],
  );
  return rows.map(({ id, channel, currencies, is_enabled }) => ({
    id,
    channel,
    currencies,
    isEnabled: is_enabled,
  }));
}

export async function findChannelConfig(db: Queryable, id: string): Promise<ChannelConfigRow | undefined> {
  const { rows } = await db.query<Raw>({
    name: 'channel_configs.find',
    text: `select id, channel, mode, name, base_url, credentials, currencies, methods,
             webhook_ips_allowed::text[] as webhook_ips_allowed, is_enabled, switched
           from channel_configs where id = $1`,
    values: [id],
  });
  return rows[0] && fromRow(rows[0]);
}

function fromRow(row: Raw): ChannelConfigRow {
  return {
    id: row.id,
    channel: row.channel,
    mode: row.mode,
    name: row.name,
    baseUrl: row.base_url,
    credentials: row.credentials,
    currencies: row.currencies,
    methods: row.methods,
    webhookIpsAllowed: row.webhook_ips_allowed,
    isEnabled: row.is_enabled,
    switched: row.switched,
  };
}
