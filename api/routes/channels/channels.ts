import { z } from 'zod';
import type { Database } from '../../../db/pool';
import type { ConfigVersions } from '../../../db/stores/config-versions-store';
import { listTurns } from '../../../db/stores/channel-facts-store';
import { listChannels, readChannel, writeChannel } from '../../../db/stores/channel-versions-store';
import { inTransaction } from '../../../db/transaction';
import { publicId } from '../../../domain/ids';
import type { RoutingFacts } from '../../../domain/routing/contracts';
import type { Registry } from '../../../integrations/registry';
import type { SecretBox } from '../../../security/secret-box';
import { ApiError, fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { amountErrors } from '../../schemas/amount';
import { listOf, pageQuery, toList } from '../../schemas/list';
import { modeField } from '../../schemas/mode';
import { checkChannel, readChannelLimits } from './check';
import {
  channelOutput,
  channelParams,
  newChannel,
  presentChannel,
  presentTurn,
  secretsOf,
  turnOutput,
} from './schemas';

export interface ChannelRoutesDeps {
  database: Database;
  secretBox: SecretBox;
  services: { versions: ConfigVersions };
  channels: { registry: Registry };
  routing: { statistics: Pick<RoutingFacts, 'of'> };
}

const tag = 'Channels';

/** The accounts at providers that payments go through, for operators: docs/routing.md. */
export function channelRoutes(deps: ChannelRoutesDeps): Route[] {
  /** Declaring routes uses no dependency yet. */
  const store = () => ({ secretBox: deps.secretBox, versions: deps.services.versions });
  const registry = () => deps.channels.registry;

  const list = defineRoute({
    operationId: 'listChannels',
    method: 'get',
    path: '/admin/channels',
    tag,
    summary: 'List channels, newest first',
    auth: 'admin',
    query: z.strictObject({ ...pageQuery('channelConfig'), mode: modeField.optional() }),
    responses: { 200: { description: 'One page; secrets are masked.', body: listOf(channelOutput) } },
    errors: [],
    handler: async ({ query }) => {
      const rows = await listChannels(deps.database, store(), query);
      return { status: 200, body: toList(rows, query.limit, present) };
    },
  });

  const create = defineRoute({
    operationId: 'createChannel',
    method: 'post',
    path: '/admin/channels',
    tag,
    summary: 'Configure a channel',
    description: 'Merchants choose it in their payment configuration, by its id or its kind.',
    auth: 'admin',
    body: newChannel,
    responses: { 201: { description: 'The new channel; its secrets are masked.', body: channelOutput } },
    errors: amountErrors,
    handler: async ({ caller, body, idempotency: { resourceId: id } }) => {
      const { reason, ...written } = body;
      const provider = registry().provider(body.channel);
      if (provider === undefined) {
        const message = `There are these kinds: ${registry().channels.join(', ')}.`;
        return fail('parameter_invalid', { param: 'channel', message });
      }
      const limits = readChannelLimits(body.limits, body.currencies);
      if (limits instanceof ApiError) return limits;
      const document = { ...written, limits, switched: 'on' as const };
      const refused = checkChannel(document, provider);
      if (refused !== undefined) return refused;
      const row = await inTransaction(
        deps.database,
        async (transaction) =>
          // Asked again with the same Idempotency-Key it is the channel that was made.
          (await readChannel(transaction, store(), id)) ??
          (await writeChannel(transaction, store(), {
            ...{ id, document, basedOn: 0, reason },
            secretFields: secretsOf(provider.credentialFields),
            author: publicId('apiKey', caller.keyId),
          })),
      );
      if (row === undefined) throw new Error('a channel that was just written is not there');
      return { status: 201, body: present(row) };
    },
  });

  const get = defineRoute({
    operationId: 'getChannel',
    method: 'get',
    path: '/admin/channels/{id}',
    tag,
    summary: 'Read a channel, and how it is',
    auth: 'admin',
    params: channelParams,
    responses: { 200: { description: 'The channel; its secrets are masked.', body: channelOutput } },
    errors: ['not_found'],
    handler: async ({ params }) => {
      const row = await readChannel(deps.database, store(), params.id);
      return row === undefined ? fail('not_found') : { status: 200, body: present(row) };
    },
  });

  const turns = defineRoute({
    operationId: 'listChannelTurns',
    method: 'get',
    path: '/admin/channels/{id}/turns',
    tag,
    summary: 'List when a channel lost its traffic or got it back by itself, newest first',
    auth: 'admin',
    params: channelParams,
    responses: { 200: { description: 'Up to 100, with reasons.', body: listOf(turnOutput) } },
    errors: ['not_found'],
    handler: async ({ params }) => {
      if ((await readChannel(deps.database, store(), params.id)) === undefined) return fail('not_found');
      const rows = await listTurns(deps.database, params.id, turnsMax);
      return { status: 200, body: toList(rows, turnsMax, presentTurn) };
    },
  });

  return [list, create, get, turns];

  function present(row: Parameters<typeof presentChannel>[0]) {
    const fields = registry().provider(row.document.channel)?.credentialFields;
    return presentChannel(row, fields, deps.routing.statistics.of(row.id));
  }
}

const turnsMax = 100;
