import type { ServiceDocument } from '../../domain/config/service';
import type { Queryable } from '../pool';

/** A service, or a payment channel among services: docs/adr/0006. */
export interface ServiceHealth {
  status: 'healthy' | 'unhealthy';
  since: Date;
  checkedAt: Date;
  message: string | null;
}

export type ListedService = { id: string; createdAt: Date; updatedAt: Date; health?: ServiceHealth } & (
  | { of: 'service'; version: number; document: ServiceDocument }
  | {
      of: 'channel';
      name: string;
      channel: string;
      mode: string;
      isEnabled: boolean;
      /** When its oldest secret was changed. */
      credentialsSince: Date;
    }
);

export interface ServiceFilter {
  limit: number;
  startingAfter?: string;
  serviceType?: string;
  isEnabled?: boolean;
  /** Only this one. */
  id?: string;
}

interface Raw {
  of: 'service' | 'channel';
  id: string;
  name: string;
  kind: string;
  mode: string | null;
  is_enabled: boolean;
  version: number | null;
  document: ServiceDocument | null;
  created_at: Date;
  updated_at: Date;
  status: ServiceHealth['status'] | null;
  since: Date | null;
  checked_at: Date | null;
  message: string | null;
  credentials_since: Date | null;
}

/** Newest first, services and channels together; one row more than the limit tells that there are more. */
export async function listServices(db: Queryable, filter: ServiceFilter): Promise<ListedService[]> {
  const { rows } = await db.query<Raw>(
    `select listed.*, h.status, h.since, h.checked_at, h.message,
       (select min(k.since) from channel_credentials k where k.channel_config_id = listed.id) as credentials_since
     from (
       select 'service' as of, s.id, s.name, s.kind, s.service_type, null as mode, s.is_enabled, s.version,
         v.document, s.created_at, s.updated_at
       from services s
       join config_versions v on v.subject = 'service' and v.subject_id = s.id and v.version = s.version
       where s.deleted_at is null
       union all
       select 'channel', id, name, channel, 'PAYMENT_GATEWAY', mode, is_enabled, null, null, created_at, updated_at
       from channel_configs
     ) listed left join service_health h on h.service_id = listed.id
     where ($1::text is null or service_type = $1) and ($2::boolean is null or is_enabled = $2)
       and ($3::uuid is null or id < $3) and ($4::uuid is null or id = $4)
     order by id desc limit $5`,
    [
      filter.serviceType ?? null,
      filter.isEnabled ?? null,
      filter.startingAfter ?? null,
      filter.id ?? null,
      filter.limit + 1,
    ],
  );
  return rows.map(fromRow);
}

function fromRow(row: Raw): ListedService {
  const health = healthOf(row);
  const times = { createdAt: row.created_at, updatedAt: row.updated_at, ...(health && { health }) };
  if (row.document !== null && row.version !== null) {
    return { of: 'service', id: row.id, version: row.version, document: row.document, ...times };
  }
  const { id, name, kind: channel, mode, is_enabled: isEnabled } = row;
  const credentialsSince = row.credentials_since ?? row.created_at;
  return { of: 'channel', id, name, channel, mode: mode ?? '', isEnabled, credentialsSince, ...times };
}

function healthOf({ status, since, checked_at: checkedAt, message }: Raw): ServiceHealth | undefined {
  return status === null || since === null || checkedAt === null
    ? undefined
    : { status, since, checkedAt, message };
}
