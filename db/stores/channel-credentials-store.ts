import type { Queryable } from '../pool';

/** A secret of a channel, without what it is. */
export interface KnownCredential {
  name: string;
  salt: Buffer;
  fingerprint: Buffer;
  since: Date;
}

export async function listKnownCredentials(
  db: Queryable,
  channelConfigId: string,
): Promise<KnownCredential[]> {
  const { rows } = await db.query<KnownCredential>(
    `select name, salt, fingerprint, since from channel_credentials where channel_config_id = $1 order by name limit 100`,
    [channelConfigId],
  );
  return rows;
}

/** Seen for the first time it is as old as its configuration; seen changed, it is new. */
export async function putKnownCredential(
  db: Queryable,
  channelConfigId: string,
  { name, salt, fingerprint }: Omit<KnownCredential, 'since'>,
): Promise<void> {
  await db.query(
    `insert into channel_credentials (channel_config_id, name, salt, fingerprint, since)
     select id, $2, $3, $4, created_at from channel_configs where id = $1
     on conflict (channel_config_id, name)
     do update set salt = excluded.salt, fingerprint = excluded.fingerprint, since = now()`,
    [channelConfigId, name, salt, fingerprint],
  );
}

export async function forgetCredentialsBut(
  db: Queryable,
  channelConfigId: string,
  names: readonly string[],
): Promise<void> {
  await db.query('delete from channel_credentials where channel_config_id = $1 and name <> all ($2)', [
    channelConfigId,
    names,
  ]);
}

export interface ChannelCredentialAge {
  channelConfigId: string;
  channel: string;
  mode: string;
  /** Of its oldest secret; of its configuration as long as none has been looked at. */
  since: Date;
}

/** Of every channel that may be called; an installation has tens of them. */
export async function listCredentialAges(db: Queryable): Promise<ChannelCredentialAge[]> {
  const { rows } = await db.query<{ id: string; channel: string; mode: string; since: Date }>(
    `select c.id, c.channel, c.mode, coalesce(min(k.since), c.created_at) as since
     from channel_configs c left join channel_credentials k on k.channel_config_id = c.id
     where c.is_enabled group by c.id order by c.id limit 1000`,
  );
  return rows.map(({ id, ...row }) => ({ channelConfigId: id, ...row }));
}
