import { z } from 'zod';
import { findBookedAccount } from '../../../db/stores/ledger-account-changes';
import {
  addAdjustment,
  decideAdjustment,
  findAdjustment,
  listAdjustments,
  type StoredAdjustment,
} from '../../../db/stores/ledger-adjustments-store';
import { findMerchant } from '../../../db/stores/merchants-store';
import type { Database, Queryable } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { publicId } from '../../../domain/ids';
import { balanceOnNormalSide, merchantAccount, type Account } from '../../../domain/ledger/account';
import { adjustmentJournal, isAdjustable } from '../../../domain/ledger/adjustment-journal';
import type { LedgerPoster } from '../../../domain/ledger/contracts';
import { LedgerRefusal } from '../../../domain/ledger/refusal';
import type { AdminCaller } from '../../caller';
import { fail, type ApiError } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { amountErrors, readAmount } from '../../schemas/amount';
import { idInPath } from '../../schemas/ids';
import { listOf, pageQuery, toList } from '../../schemas/list';
import {
  adjustmentOutput,
  decideAdjustmentBody,
  newAdjustment,
  presentAdjustment,
} from './adjustment-messages';

const tag = 'Ledger';
const params = z.strictObject({ id: idInPath('adjustment') });

export interface AdjustmentRoutesDeps {
  database: Database;
  ledger: LedgerPoster<Queryable>;
}

/** Corrections by people: one asks with a reason, another one lets it be booked. */
export function adjustmentRoutes(deps: AdjustmentRoutesDeps): Route[] {
  const ask = defineRoute({
    operationId: 'askForAdjustment',
    method: 'post',
    path: '/admin/ledger/adjustments',
    tag,
    summary: 'Ask for a correction of the books',
    description: 'Nothing is booked until somebody else, with another key, approves it.',
    auth: 'admin',
    body: newAdjustment,
    responses: { 201: { description: 'It waits for its approval.', body: adjustmentOutput } },
    errors: [...amountErrors, 'not_found', 'account_not_adjustable'],
    handler: async ({ caller, body, idempotency }) => {
      const account = await accountOf(deps.database, caller, body.account);
      if ('code' in account) return account;
      if (!isAdjustable(account)) return fail('account_not_adjustable', { param: 'account.id' });
      const amount = readAmount(body.amount, account.currency);
      if (typeof amount !== 'bigint') return amount;
      const id = idempotency.resourceId;
      await addAdjustment(deps.database, {
        ...{ id, account, reason: body.reason, requestedBy: caller.keyId },
        amount: body.direction === 'increase' ? amount : -amount,
      });
      const asked = await findAdjustment(deps.database, id);
      return asked === undefined
        ? fail('not_found')
        : { status: 201 as const, body: presentAdjustment(asked) };
    },
  });

  const decide = defineRoute({
    operationId: 'decideAdjustment',
    method: 'post',
    path: '/admin/ledger/adjustments/{id}/decide',
    tag,
    summary: 'Approve a correction that somebody else asked for, or reject it',
    auth: 'admin',
    params,
    body: decideAdjustmentBody,
    responses: { 200: { description: 'Decided; an approved one is booked.', body: adjustmentOutput } },
    errors: [
      ...(['not_found', 'own_approval', 'adjustment_decided'] as const),
      ...(['account_not_adjustable', 'account_overdrawn', 'account_closed'] as const),
    ],
    handler: async ({ caller, params: { id }, body: { decision, reason } }) => {
      const refusal = await inTransaction(deps.database, async (transaction) => {
        const asked = await findAdjustment(transaction, id, { lock: true });
        if (asked === undefined) return fail('not_found');
        if (asked.status !== 'pending') return fail('adjustment_decided');
        if (asked.requestedBy === caller.keyId) return fail('own_approval');
        const status = decision === 'approve' ? 'approved' : 'rejected';
        if (status === 'approved' && !isAdjustable(asked.account)) return fail('account_not_adjustable');
        await decideAdjustment(transaction, id, { status, by: caller.keyId, reason });
        if (status === 'approved') await deps.ledger.post(transaction, [journalOf(asked, caller)]);
        return undefined;
      }).catch(explainRefusal);
      if (refusal !== undefined) return refusal;
      const decided = await findAdjustment(deps.database, id);
      return decided === undefined
        ? fail('not_found')
        : { status: 200 as const, body: presentAdjustment(decided) };
    },
  });

  const get = defineRoute({
    operationId: 'getAdjustment',
    method: 'get',
    path: '/admin/ledger/adjustments/{id}',
    tag,
    summary: 'Read a correction',
    auth: 'admin',
    params,
    responses: { 200: { description: 'The correction.', body: adjustmentOutput } },
    errors: ['not_found'],
    handler: async ({ params: { id } }) => {
      const found = await findAdjustment(deps.database, id);
      return found === undefined
        ? fail('not_found')
        : { status: 200 as const, body: presentAdjustment(found) };
    },
  });

  const list = defineRoute({
    operationId: 'listAdjustments',
    method: 'get',
    path: '/admin/ledger/adjustments',
    tag,
    summary: 'List corrections, newest first',
    auth: 'admin',
    query: z.strictObject({
      ...pageQuery('adjustment'),
      status: z.enum(['pending', 'approved', 'rejected']).optional(),
    }),
    responses: { 200: { description: 'One page of them.', body: listOf(adjustmentOutput) } },
    errors: [],
    handler: async ({ query }) => {
      const rows = await listAdjustments(deps.database, query);
      return { status: 200 as const, body: toList(rows, query.limit, presentAdjustment) };
    },
  });

  return [ask, decide, get, list];
}

/** An account by its id, or a merchant's balance, which need not have been moved yet. */
async function accountOf(
  database: Database,
  caller: AdminCaller,
  named: z.output<typeof newAdjustment>['account'],
): Promise<Account | ApiError<'not_found'>> {
  if ('id' in named) {
    const account = await findBookedAccount(database, named.id);
    if (account === undefined) return fail('not_found', { param: 'account.id' });
    const { mode, owner, kind, currency } = account;
    return { mode, owner, kind, currency };
  }
  const { merchantId, mode, balance, currency } = named;
  if ((await findMerchant(database, caller, merchantId)) === undefined) {
    return fail('not_found', { param: 'account.merchantId' });
  }
  return merchantAccount(mode, merchantId, balance, currency);
}

function journalOf(asked: StoredAdjustment, { keyId }: AdminCaller) {
  const { id, account, amount, reason, requestedBy } = asked;
  const made = adjustmentJournal({
    reference: publicId('adjustment', id),
    mode: account.mode,
    effectiveAt: new Date(),
    account,
    amount: balanceOnNormalSide(account.kind, amount),
    reason,
    requestedBy: publicId('apiKey', requestedBy),
    approvedBy: publicId('apiKey', keyId),
  });
  if (!made.ok) throw new Error(`The adjustment ${id} could not be booked: ${made.reason}`);
  return made.journal;
}

/** The decision is rolled back with the journal: it can be made again when the account allows it. */
function explainRefusal(error: unknown) {
  if (!(error instanceof LedgerRefusal)) throw error;
  if (error.code === 'insufficient_funds') return fail('account_overdrawn');
  if (error.code === 'closed_account') return fail('account_closed');
  throw error;
}
