import { z } from 'zod';
import {
  changeAccount,
  findBookedAccount,
  type BookedAccount,
} from '../../../db/stores/ledger-account-changes';
import type { Database } from '../../../db/pool';
import { listBookedAccounts } from '../../../db/read-models/ledger-account-list';
import { publicId } from '../../../domain/ids';
import { accountKindNames, balanceOnNormalSide } from '../../../domain/ledger/account';
import { formatAmount } from '../../../domain/money/amount';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { currencyInput } from '../../schemas/amount';
import { idInPath, idInput, idOutput } from '../../schemas/ids';
import { listOf, pageQuery, toList } from '../../schemas/list';
import { modeField } from '../../schemas/mode';
import { ownerOutput, presentOwner, signedAmount } from './messages';

const params = z.strictObject({ id: idInPath('ledgerAccount') });
const body = z.strictObject({ reason: z.string().trim().min(1).max(500) });

const accountOutput = z
  .object({
    id: idOutput('ledgerAccount'),
    object: z.literal('ledger_account'),
    mode: modeField,
    owner: ownerOutput,
    kind: z.string(),
    currency: z.string(),
    balance: signedAmount,
    closedAt: z.iso.datetime().nullable(),
    lastChange: z
      .object({ reason: z.string(), by: idOutput('apiKey') })
      .nullable()
      .meta({ description: 'The last time somebody closed it or opened it again.' }),
  })
  .meta({ id: 'LedgerAccount' });

/** An account that is to take nothing more is closed; its book stays, and it can be opened again. */
export function accountRoutes(deps: { database: Database }): Route[] {
  const get = defineRoute({
    operationId: 'getLedgerAccount',
    method: 'get',
    path: '/admin/ledger/accounts/{id}',
    tag: 'Ledger',
    summary: 'Read an account',
    auth: 'admin',
    params,
    responses: { 200: { description: 'The account.', body: accountOutput } },
    errors: ['not_found'],
    handler: async ({ params: { id } }) => {
      const account = await findBookedAccount(deps.database, id);
      return account === undefined ? fail('not_found') : { status: 200 as const, body: present(account) };
    },
  });

  const list = defineRoute({
    operationId: 'listLedgerAccounts',
    method: 'get',
    path: '/admin/ledger/accounts',
    tag: 'Ledger',
    summary: 'List the accounts, each with what it holds',
    description: 'In the order of their ids.',
    auth: 'admin',
    query: z.strictObject({
      ...pageQuery('ledgerAccount'),
      merchantId: idInput('merchant').optional().meta({ description: "A merchant's accounts." }),
      channelConfigId: idInput('channelConfig').optional().meta({ description: "A channel's accounts." }),
      mode: modeField.optional(),
      kind: z.enum(accountKindNames).optional(),
      currency: currencyInput.optional(),
    }),
    responses: { 200: { description: 'One page of accounts.', body: listOf(accountOutput) } },
    errors: ['currency_unknown'],
    handler: async ({ query: { merchantId, channelConfigId, ...filter } }) => {
      if (merchantId !== undefined && channelConfigId !== undefined) {
        return fail('parameter_invalid', {
          param: 'channelConfigId',
          message: "An account is a merchant's or a channel's: name one of them.",
        });
      }
      const rows = await listBookedAccounts(deps.database, {
        ...filter,
        ownerId: merchantId ?? channelConfigId,
      });
      return { status: 200 as const, body: toList(rows, filter.limit, present) };
    },
  });

  const change = (verb: 'close' | 'reopen', text: { summary: string; description: string }) =>
    defineRoute({
      operationId: `${verb}LedgerAccount`,
      method: 'post',
      path: `/admin/ledger/accounts/{id}/${verb}`,
      tag: 'Ledger',
      ...text,
      auth: 'admin',
      params,
      body,
      responses: { 200: { description: 'The account as it stands now.', body: accountOutput } },
      errors: ['not_found', 'account_not_empty', 'account_busy'],
      handler: async ({ caller, params: { id }, body: { reason }, idempotency }) => {
        if ((await findBookedAccount(deps.database, id)) === undefined) return fail('not_found');
        const outcome = await changeAccount(deps.database, {
          ...{ id: idempotency.resourceId, accountId: id, reason, by: caller.keyId },
          isClosed: verb === 'close',
        });
        if (outcome === 'balance_left') return fail('account_not_empty');
        if (outcome === 'busy') return fail('account_busy');
        const account = await findBookedAccount(deps.database, id);
        return account === undefined ? fail('not_found') : { status: 200 as const, body: present(account) };
      },
    });

  return [
    list,
    get,
    change('close', {
      summary: 'Close an account that holds nothing',
      description:
        'Whatever names it from then on is refused as `closed_account`, and nothing of it is written.',
    }),
    change('reopen', {
      summary: 'Open a closed account again',
      description: 'What was refused because it was closed is tried again by its workflow, and goes through.',
    }),
  ];
}

function present(account: BookedAccount): z.input<typeof accountOutput> {
  const { id, mode, owner, kind, currency, balance, closedAt, lastChange } = account;
  return {
    id: publicId('ledgerAccount', id),
    object: 'ledger_account',
    ...{ mode, owner: presentOwner(owner), kind, currency },
    balance: formatAmount(balanceOnNormalSide(kind, balance), currency),
    closedAt: closedAt?.toISOString() ?? null,
    lastChange:
      lastChange === undefined ? null : { reason: lastChange.reason, by: publicId('apiKey', lastChange.by) },
  };
}
