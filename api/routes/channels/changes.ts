import { z } from 'zod';
import type { Transaction } from '../../../db/pool';
import {
  channelSubject,
  readChannel,
  writeChannel,
  type ChannelVersionRow,
} from '../../../db/stores/channel-versions-store';
import { inTransaction } from '../../../db/transaction';
import type { ChannelDocument } from '../../../domain/channel/document';
import { differencesBetween } from '../../../domain/config/differences';
import { keepMasked } from '../../../domain/config/secrets';
import { publicId } from '../../../domain/ids';
import type { PaymentProvider } from '../../../integrations/channels/payment-provider';
import type { AdminCaller } from '../../caller';
import { ApiError, fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { amountErrors } from '../../schemas/amount';
import {
  differencesOutput,
  presentDifferences,
  presentVersion,
  rollbackInput,
  versionInPath,
  versionOutput,
  versionsQuery,
} from '../../schemas/config-version';
import { idInPath } from '../../schemas/ids';
import { listOf, toList } from '../../schemas/list';
import type { ChannelRoutesDeps } from './channels';
import { checkChannel, readChannelLimits } from './check';
import {
  changedChannel,
  channelOutput,
  channelParams,
  presentChannel,
  secretsOf,
  switchInput,
} from './schemas';

const tag = 'Channels';

interface Change {
  id: string;
  caller: AdminCaller;
  basedOn?: number;
  reason: string;
  rolledBackTo?: number;
  /** Must be possible whatever else is wrong with the channel. */
  isSwitch?: boolean;
}

type Decide = (
  current: ChannelDocument,
  transaction: Transaction,
) => Promise<ChannelDocument> | ChannelDocument;

/** Everything that changes a channel: each change is a new version with its author and reason. */
export function channelChangeRoutes(deps: ChannelRoutesDeps): Route[] {
  /** Declaring routes uses no dependency yet. */
  const store = () => ({ secretBox: deps.secretBox, versions: deps.services.versions });
  const answers = { 200: { description: 'The channel as it is now.', body: channelOutput } } as const;
  const errors = ['not_found', 'version_conflict', ...amountErrors] as const;

  const change = defineRoute({
    operationId: 'changeChannel',
    method: 'put',
    path: '/admin/channels/{id}',
    tag,
    summary: 'Replace what is configured about a channel',
    description: 'Its kind and mode stay: another one is another channel. Payments under way are finished.',
    auth: 'admin',
    params: channelParams,
    body: changedChannel,
    responses: answers,
    errors,
    handler: async ({ caller, params, body }) => {
      const { version: basedOn, reason, ...written } = body;
      return apply({ id: params.id, caller, basedOn, reason }, (current) => {
        const limits = readChannelLimits(written.limits, written.currencies);
        if (limits instanceof ApiError) throw limits;
        return {
          ...current,
          ...written,
          limits,
          isEnabled: written.isEnabled ?? current.isEnabled,
          credentials: unmasked(written.credentials, current),
        };
      });
    },
  });

  const turn = defineRoute({
    operationId: 'switchChannel',
    method: 'post',
    path: '/admin/channels/{id}/switch',
    tag,
    summary: 'Switch a channel on or off by hand, or let it drain',
    description: 'Holds within a second. What is under way there is finished: captures, refunds, events.',
    auth: 'admin',
    params: channelParams,
    body: switchInput,
    responses: answers,
    errors,
    handler: async ({ caller, params, body: { to, version: basedOn, reason } }) =>
      apply(
        { id: params.id, caller, basedOn, reason: `switched ${to}: ${reason}`, isSwitch: true },
        (current) => ({ ...current, switched: to }),
      ),
  });

  const rollback = defineRoute({
    operationId: 'rollBackChannel',
    method: 'post',
    path: '/admin/channels/{id}/rollback',
    tag,
    summary: 'Bring back what an earlier version said',
    description: 'As a new version, checked like any other.',
    auth: 'admin',
    params: channelParams,
    body: rollbackInput,
    responses: answers,
    errors,
    handler: async ({ caller, params, body: { toVersion, version: basedOn, reason } }) =>
      apply(
        { id: params.id, caller, basedOn, reason, rolledBackTo: toVersion },
        async (current, transaction) => {
          const earlier = await store().versions.read(transaction, channelSubject(params.id), toVersion);
          if (earlier !== undefined)
            return { ...current, ...(earlier.document as unknown as ChannelDocument) };
          throw fail('parameter_invalid', { param: 'toVersion', message: 'There is no such version.' });
        },
      ),
  });

  const versions = defineRoute({
    operationId: 'listChannelVersions',
    method: 'get',
    path: '/admin/channels/{id}/versions',
    tag,
    summary: "List a channel's versions, newest first",
    auth: 'admin',
    params: channelParams,
    query: versionsQuery,
    responses: { 200: { description: 'One page of versions.', body: listOf(versionOutput) } },
    errors: ['not_found'],
    handler: async ({ params, query }) => {
      if ((await readChannel(deps.database, store(), params.id)) === undefined) return fail('not_found');
      const page = { limit: query.limit + 1, before: query.before };
      const rows = await store().versions.list(deps.database, channelSubject(params.id), page);
      return { status: 200, body: toList(rows, query.limit, presentVersion) };
    },
  });

  const compare = defineRoute({
    operationId: 'compareChannelVersions',
    method: 'get',
    path: '/admin/channels/{id}/versions/{version}/differences',
    tag,
    summary: 'Compare a version with the one before it, field by field',
    auth: 'admin',
    params: z.strictObject({ id: idInPath('channelConfig'), version: versionInPath }),
    query: z.strictObject({
      with: versionInPath.optional().meta({ description: 'Another version to compare with.' }),
    }),
    responses: { 200: { description: 'Every field that differs.', body: differencesOutput } },
    errors: ['not_found'],
    handler: async ({ params, query }) => {
      const subject = channelSubject(params.id);
      const from = query.with ?? params.version - 1;
      const after = await store().versions.read(deps.database, subject, params.version);
      const before = from === 0 ? undefined : await store().versions.read(deps.database, subject, from);
      if (after === undefined || (before === undefined && from !== 0)) return fail('not_found');
      const kind = providerOf((after.document as unknown as ChannelDocument).channel);
      const secrets = secretsOf(kind?.credentialFields);
      const differences = differencesBetween(before?.document ?? {}, after.document, secrets);
      return { status: 200, body: presentDifferences({ from, to: params.version }, differences) };
    },
  });

  return [change, turn, rollback, versions, compare];

  async function apply({ id, caller, basedOn, isSwitch, ...rest }: Change, decide: Decide) {
    const at = await readChannel(deps.database, store(), id);
    const provider = at && providerOf(at.document.channel);
    if (at === undefined || provider === undefined) return fail('not_found');
    const row = await inTransaction(deps.database, async (transaction) => {
      const document = await decide(at.document, transaction);
      // Thrown, so that nothing of it is kept.
      const refused = isSwitch === true ? undefined : checkChannel(document, provider);
      if (refused !== undefined) throw refused;
      return writeChannel(transaction, store(), {
        ...rest,
        ...{ id, document, basedOn: basedOn ?? at.version },
        secretFields: secretsOf(provider.credentialFields),
        author: publicId('apiKey', caller.keyId),
      });
    });
    if (row === undefined) return fail('version_conflict', { param: 'version' });
    return { status: 200 as const, body: present(row, provider) };
  }

  function present(row: ChannelVersionRow, provider: PaymentProvider) {
    return presentChannel(row, provider.credentialFields, deps.routing.statistics.of(row.id));
  }

  function providerOf(channel: string): PaymentProvider | undefined {
    return deps.channels.registry.provider(channel);
  }

  function unmasked(
    written: Record<string, string> | undefined,
    current: ChannelDocument,
  ): Record<string, string> {
    if (written === undefined) return current.credentials;
    const secrets = secretsOf(providerOf(current.channel)?.credentialFields);
    const kept = keepMasked({ credentials: written }, { credentials: current.credentials }, secrets);
    return kept['credentials'] as Record<string, string>;
  }
}
