import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { alertKinds, listAlerts, type ListedAlert } from '../../../db/stores/integration-alerts-store';
import { publicId } from '../../../domain/ids';
import { defineRoute, type Route } from '../../route';
import { idOutput } from '../../schemas/ids';
import { listOf, pageQuery, toList } from '../../schemas/list';
import { serviceIdOutput, serviceInput } from './schemas';

const kind = z.enum(alertKinds).meta({
  description:
    'limit_near: 80 % of what a service may be asked in a period was used. traffic_lost: payments go to other channels, by themselves. credentials_due: a secret of a channel has not been changed for 90 days.',
});

const alertOutput = z
  .object({
    id: idOutput('integrationAlert'),
    object: z.literal('integration_alert'),
    serviceId: serviceIdOutput,
    kind,
    details: z.record(z.string(), z.union([z.string(), z.number()])),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'IntegrationAlert' });

/** What operators are told about services. */
export function integrationAlertRoutes(deps: { database: Database }): Route[] {
  const list = defineRoute({
    operationId: 'listIntegrationAlerts',
    method: 'get',
    path: '/integrations/alerts',
    tag: 'Integrations',
    summary: 'List alerts about services, newest first',
    auth: 'admin',
    query: z.strictObject({
      ...pageQuery('integrationAlert'),
      service: serviceInput.optional(),
      kind: kind.optional(),
    }),
    responses: { 200: { description: 'One page of alerts.', body: listOf(alertOutput) } },
    errors: [],
    handler: async ({ query: { service, ...query } }) => {
      const rows = await listAlerts(deps.database, { ...query, serviceId: service });
      return { status: 200, body: toList(rows, query.limit, present) };
    },
  });
  return [list];
}

function present(row: ListedAlert): z.input<typeof alertOutput> {
  return {
    id: publicId('integrationAlert', row.id),
    object: 'integration_alert',
    serviceId: publicId(row.isChannel ? 'channelConfig' : 'service', row.serviceId),
    kind: row.kind,
    details: row.details,
    createdAt: row.createdAt.toISOString(),
  };
}
