import type { Queryable } from '../pool';

export const alertKinds = [
  'limit_near',
  'health_failed',
  'health_recovered',
  'traffic_lost',
  'traffic_back',
  'credentials_due',
] as const;
export type AlertKind = (typeof alertKinds)[number];

export interface IntegrationAlert {
  id: string;
  serviceId: string;
  kind: AlertKind;
  details: Record<string, string | number>;
  createdAt: Date;
}

/** As it is listed: a payment channel's or another service's. */
export type ListedAlert = IntegrationAlert & { isChannel: boolean };

export async function addAlert(db: Queryable, alert: Omit<IntegrationAlert, 'createdAt'>): Promise<void> {
  await db.query(
    'insert into integration_alerts (id, service_id, kind, details) values ($1, $2, $3, $4) on conflict do nothing',
    [alert.id, alert.serviceId, alert.kind, alert.details],
  );
}

export interface AlertFilter {
  limit: number;
  startingAfter?: string;
  serviceId?: string;
  kind?: AlertKind;
}

/** Newest first; one row more than the limit tells that there are more. */
export async function listAlerts(db: Queryable, filter: AlertFilter): Promise<ListedAlert[]> {
  const { rows } = await db.query<{
    id: string;
    service_id: string;
    kind: AlertKind;
    details: Record<string, string | number>;
    created_at: Date;
    is_channel: boolean;
  }>(
    `select a.*, exists (select from channel_configs c where c.id = a.service_id) as is_channel
     from integration_alerts a
     where ($1::uuid is null or id < $1) and ($2::uuid is null or service_id = $2) and ($3::text is null or kind = $3)
     order by id desc limit $4`,
    [filter.startingAfter ?? null, filter.serviceId ?? null, filter.kind ?? null, filter.limit + 1],
  );
  return rows.map(({ service_id: serviceId, created_at: createdAt, is_channel: isChannel, ...alert }) => ({
    ...alert,
    serviceId,
    createdAt,
    isChannel,
  }));
}
