import { z } from 'zod';
import type { Database } from '../../../db/pool';
import {
  findLedgerAccount,
  listLedgerEntries,
  type EntryPlace,
  type LedgerAccount,
} from '../../../db/read-models/ledger-entries';
import { findLedgerJournal } from '../../../db/read-models/ledger-journal';
import { csvRow } from '../../csv';
import { ApiError, fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { idInPath } from '../../schemas/ids';
import { limitQuery, listOf, toList } from '../../schemas/list';
import { moment, refusePeriod } from '../../schemas/moment';
import {
  entryIdInput,
  entryOutput,
  journalNameInPath,
  journalOutput,
  presentEntry,
  presentJournal,
  type EntryOutput,
} from './messages';

/** How far back a statement goes when nothing is said. */
const daysByDefault = 90;
/** Rows of an export that are in memory at a time. */
const exportPageRows = 500;

const rangeQuery = {
  from: moment
    .optional()
    .meta({ description: `Recorded then or later; ${daysByDefault} days ago by default.` }),
  to: moment.optional().meta({ description: 'Recorded before that.' }),
};
const accountParams = z.strictObject({ id: idInPath('ledgerAccount') });

const csvColumns = [
  'id',
  'journal',
  'kind',
  'amount',
  'currency',
  'paymentId',
  'refundId',
  'disputeId',
  'withdrawalId',
  'settlementId',
  'effectiveAt',
  'recordedAt',
] as const satisfies (keyof EntryOutput)[];

export function entryRoutes(deps: { database: Database }): Route[] {
  const list = defineRoute({
    operationId: 'listLedgerEntries',
    method: 'get',
    path: '/ledger/accounts/{id}/entries',
    tag: 'Ledger',
    summary: 'List what moved an account, newest first',
    description:
      'A merchant reads its own accounts, found in its balances. With `Accept: text/csv` it is all of the time, streamed.',
    csvBy: 'exportLedgerEntries',
    auth: 'either',
    params: accountParams,
    query: z.strictObject({ limit: limitQuery, startingAfter: entryIdInput.optional(), ...rangeQuery }),
    responses: { 200: { description: 'One page of entries.', body: listOf(entryOutput) } },
    errors: ['not_found'],
    handler: async ({ caller, params, query: { from, to, limit, startingAfter } }) => {
      const account = await findLedgerAccount(deps.database, caller, params.id);
      if (account === undefined) return fail('not_found');
      const range = rangeOf(from, to);
      if (range instanceof ApiError) return range;
      const rows = await listLedgerEntries(deps.database, account, { ...range, limit, startingAfter });
      return {
        status: 200 as const,
        body: toList(rows, limit, (entry) => presentEntry(account, entry)),
      };
    },
  });

  const exported = defineRoute({
    operationId: 'exportLedgerEntries',
    method: 'get',
    path: '/ledger/accounts/{id}/entries.csv',
    tag: 'Ledger',
    summary: 'All that moved an account in a time, as CSV, newest first',
    description:
      'Sent while it is read, however long; an export that could not be read to its end breaks off.',
    auth: 'either',
    params: accountParams,
    query: z.strictObject(rangeQuery),
    responses: { 200: { description: 'One row for each entry, after a row of names.', streams: 'text/csv' } },
    errors: ['not_found'],
    handler: async ({ caller, params, query }) => {
      const account = await findLedgerAccount(deps.database, caller, params.id);
      if (account === undefined) return fail('not_found');
      const range = rangeOf(query.from, query.to);
      if (range instanceof ApiError) return range;
      return {
        status: 200 as const,
        headers: { 'Content-Disposition': 'attachment; filename="entries.csv"' },
        chunks: csvOf(deps.database, account, range),
      };
    },
  });

  const journal = defineRoute({
    operationId: 'getLedgerJournal',
    method: 'get',
    path: '/ledger/journals/{id}',
    tag: 'Ledger',
    summary: 'Read one journal',
    auth: 'either',
    params: z.strictObject({ id: journalNameInPath }),
    responses: { 200: { description: 'The journal.', body: journalOutput } },
    errors: ['not_found'],
    handler: async ({ caller, params }) => {
      const found = await findLedgerJournal(deps.database, caller, params.id);
      if (found === undefined) return fail('not_found');
      return { status: 200 as const, body: presentJournal(found, caller.role === 'admin') };
    },
  });

  return [list, exported, journal];
}

interface Range {
  from: Date;
  to?: Date;
}

function rangeOf(from: Date | undefined, to: Date | undefined): Range | ApiError<'parameter_invalid'> {
  const start = from ?? new Date(Date.now() - daysByDefault * 86_400_000);
  return refusePeriod(start, to) ?? { from: start, to };
}

/** A page in memory at a time; each is a query of its own, so that a slow reader holds no connection. */
async function* csvOf(database: Database, account: LedgerAccount, range: Range): AsyncGenerator<string> {
  let text = csvRow(csvColumns);
  let startingAfter: EntryPlace | undefined;
  for (;;) {
    const rows = await listLedgerEntries(database, account, {
      ...range,
      limit: exportPageRows,
      startingAfter,
    });
    const page = rows.slice(0, exportPageRows);
    for (const entry of page.map((row) => presentEntry(account, row))) {
      text += csvRow(csvColumns.map((column) => entry[column]));
    }
    yield text;
    if (rows.length <= exportPageRows) return;
    text = '';
    startingAfter = page.at(-1);
  }
}
