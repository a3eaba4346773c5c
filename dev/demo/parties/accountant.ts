import type { Stage } from '../story';
import { apiCaller, until, type Caller } from './http';

export interface Accountant {
  /** Prints a journal as a table, all of its lines; waits until it is written. */
  showsJournal(what: string, reference: string): Promise<void>;
  /** Prints what the merchant has, and returns it as `pending/available/held`. */
  showsBalances(what: string): Promise<string>;
}

interface Journal {
  kind: string;
  lines: { account: string; amount: string; currency: string }[];
}

interface Balances {
  balances: ({ currency: string } & Record<'pending' | 'available' | 'held', { amount: string }>)[];
}

/** Somebody of the platform who reads the books of one merchant. */
export function accountantOf(stage: Stage, merchantId: string): Accountant {
  const api = apiCaller(stage.stack.api, stage.stack.demo.operatorKey);
  return {
    async showsJournal(what, reference) {
      const journal = await stage.step(
        'accountant',
        what,
        (signal) => until(signal, () => written(api, reference, signal)),
        { tell: ({ kind }) => `${kind} ${reference}` },
      );
      const rows = journal.lines.map(({ account, amount, currency }) =>
        amount.startsWith('-') ? [account, currency, '', amount.slice(1)] : [account, currency, amount, ''],
      );
      printTable(stage, ['account', 'currency', 'debit', 'credit'], rows);
    },
    async showsBalances(what) {
      const path = `/balances?mode=test&merchantId=${merchantId}`;
      const { balances } = await stage.step('accountant', what, (signal) => api.get<Balances>(path, signal));
      const rows = balances.map((of) => [
        of.currency,
        ...[of.pending.amount, of.available.amount, of.held.amount],
      ]);
      printTable(stage, ['currency', 'pending', 'available', 'held'], rows);
      return rows.map((row) => row.slice(1).join('/')).join();
    },
  };
}

async function written(api: Caller, reference: string, signal: AbortSignal): Promise<Journal | undefined> {
  const path = `/ledger/journals/${encodeURIComponent(reference)}`;
  return api.get<Journal>(path, signal).catch((error: unknown) => {
    if (String(error).includes('was answered 404')) return undefined;
    throw error;
  });
}

/** The first column to the left, as names are read; amounts to the right. */
function printTable(stage: Stage, head: string[], rows: string[][]): void {
  if (rows.length === 0) return stage.note('nothing yet');
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  for (const row of [head, widths.map((width) => '─'.repeat(width)), ...rows]) {
    const cells = row.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
    );
    stage.note(cells.join('  '));
  }
}
