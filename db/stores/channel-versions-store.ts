import type { ChannelDocument } from '../../domain/channel/document';
import type { ConfigDocument } from '../../domain/config/document';
import type { Mode } from '../../domain/payment/reference';
import type { SecretBox } from '../../security/secret-box';
import type { Queryable, Transaction } from '../pool';
import { channelCredentialsAad } from './channel-configs-store';
import type { ConfigSubject, ConfigVersions, NewConfigVersion } from './config-versions-store';

/** A configured channel with its credentials in clear: to be compared, changed or masked, never shown as it is. */
export interface ChannelVersionRow {
  id: string;
  /** 0: it was put there by other means than this interface. */
  version: number;
  document: ChannelDocument;
  /** When its oldest secret was changed, as far as that was looked at. */
  credentialsSince: Date;
  createdAt: Date;
  updatedAt: Date;
}

interface Raw extends Omit<ChannelDocument, 'credentials' | 'baseUrl' | 'webhookIpsAllowed' | 'isEnabled'> {
  id: string;
  version: number;
  base_url: string;
  credentials: Buffer;
  webhook_ips_allowed: string[];
  is_enabled: boolean;
  credentials_since: Date;
  created_at: Date;
  updated_at: Date;
}

const columns = `id, version, channel, mode, name, base_url, credentials, currencies, methods, limits, weight, priority,
  maintenance, webhook_ips_allowed::text[] as webhook_ips_allowed, is_enabled, switched, created_at, updated_at,
  coalesce((select min(k.since) from channel_credentials k where k.channel_config_id = channel_configs.id), created_at)
    as credentials_since`;

export function channelSubject(id: string): ConfigSubject {
  return { kind: 'channel_config', id };
}

export interface ChannelStoreDeps {
  secretBox: SecretBox;
  versions: ConfigVersions;
}

export async function readChannel(
  db: Queryable,
  { secretBox }: Pick<ChannelStoreDeps, 'secretBox'>,
  id: string,
): Promise<ChannelVersionRow | undefined> {
  const { rows } = await db.query<Raw>(`select ${columns} from channel_configs where id = $1`, [id]);
  return rows[0] && fromRow(rows[0], secretBox);
}

/** Newest first, one more than asked for. */
export async function listChannels(
  db: Queryable,
  { secretBox }: Pick<ChannelStoreDeps, 'secretBox'>,
  page: { mode?: Mode; limit: number; startingAfter?: string },
): Promise<ChannelVersionRow[]> {
  const { rows } = await db.query<Raw>(
    `select ${columns} from channel_configs
     where ($1::text is null or mode = $1) and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [page.mode ?? null, page.startingAfter ?? null, page.limit + 1],
  );
  return rows.map((row) => fromRow(row, secretBox));
}

export type ChannelWrite = Omit<NewConfigVersion, 'document'> & { id: string; document: ChannelDocument };

/** Undefined, and nothing written: another version came first. */
export async function writeChannel(
  transaction: Transaction,
  { secretBox, versions }: ChannelStoreDeps,
  { id, document, ...next }: ChannelWrite,
): Promise<ChannelVersionRow | undefined> {
  const version = await versions.write(transaction, channelSubject(id), {
    ...next,
    document: document as unknown as ConfigDocument,
  });
  if (version === undefined) return undefined;
  await transaction.query(
    `insert into channel_configs (id, version, channel, mode, name, base_url, credentials, currencies, methods, limits,
       weight, priority, maintenance, webhook_ips_allowed, is_enabled, switched)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::cidr[], $15, $16)
     on conflict (id) do update set version = excluded.version, name = excluded.name, base_url = excluded.base_url,
       credentials = excluded.credentials, currencies = excluded.currencies, methods = excluded.methods,
       limits = excluded.limits, weight = excluded.weight, priority = excluded.priority,
       maintenance = excluded.maintenance, webhook_ips_allowed = excluded.webhook_ips_allowed,
       is_enabled = excluded.is_enabled, switched = excluded.switched, updated_at = now()`,
    [
      ...[id, version, document.channel, document.mode, document.name, document.baseUrl],
      secretBox.seal(JSON.stringify(document.credentials), channelCredentialsAad(id)),
      ...[document.currencies, document.methods, JSON.stringify(document.limits)],
      ...[document.weight, document.priority, JSON.stringify(document.maintenance)],
      ...[document.webhookIpsAllowed, document.isEnabled, document.switched],
    ],
  );
  return readChannel(transaction, { secretBox }, id);
}

function fromRow(row: Raw, secretBox: SecretBox): ChannelVersionRow {
  const { id, version, created_at: createdAt, updated_at: updatedAt } = row;
  const { channel, mode, name, currencies, methods, limits, weight, priority, maintenance, switched } = row;
  const credentials = JSON.parse(secretBox.openText(row.credentials, channelCredentialsAad(id))) as Record<
    string,
    string
  >;
  return {
    ...{ id, version, credentialsSince: row.credentials_since, createdAt, updatedAt },
    document: {
      ...{ channel, mode, name, currencies, methods, limits, weight, priority, maintenance, switched },
      credentials,
      baseUrl: row.base_url,
      webhookIpsAllowed: row.webhook_ips_allowed,
      isEnabled: row.is_enabled,
    },
  };
}
