import { z } from 'zod';

/** A line of ECPay's statements in the platform's words. */
export interface StatementRow {
  kind: 'payment' | 'refund';
  merchantTradeNo: string;
  /** ECPay's own number; the files about cards name the authorisation instead. */
  providerRef: string;
  /** Below zero for a refund. */
  amountMinor: string;
  currency: 'TWD';
  /** As ECPay reckons them, with decimals: whole dollars they become only in a day's sum. */
  fee: string;
  net: string;
  /** `2026-01-01`, in Taipei. */
  day: string;
}

export type StatementReading = { ok: true; rows: StatementRow[] } | { ok: false; reason: string };

const rowsMax = 200_000;

const names = {
  merchantTradeNo: ['廠商訂單編號', '特店交易編號', '特店訂單編號', '訂單編號'],
  providerRef: ['綠界訂單編號', '綠界交易編號', '綠界科技訂單編號', '授權單號'],
  amount: ['交易金額'],
  net: ['應收款項(淨額)', '撥款金額'],
  day: ['請款日期', '付款日期', '訂單日期', '交易日期'],
} as const;

type Column = keyof typeof names;

const decimal = /^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?$/;

const rowSchema = z.object({
  merchantTradeNo: z.string().regex(/^[0-9A-Za-z]{1,20}$/),
  providerRef: z.string().regex(/^[0-9A-Za-z]{1,20}$/),
  amount: z.string().regex(/^-?[1-9][0-9]{0,11}$/),
  net: z.string().regex(decimal),
  day: z.string().regex(/^\d{4}([/-]?)\d\d\1\d\d/),
});

/**
 * Both of ECPay's files, by the names in their first line: the trades, and what was captured of and given back to
 * cards. A line that does not read spoils the file, because a statement with a hole reconciles nothing.
 */
export function readStatement(text: string): StatementReading {
  const [header = '', ...lines] = text
    .replace(/^\ufeff/, '')
    .trim()
    .split(/\r?\n/, rowsMax + 2);
  if (lines.length > rowsMax) return { ok: false, reason: `more than ${rowsMax} lines` };
  const columns = columnsOf(cells(header));
  if (columns === undefined) return { ok: false, reason: 'the first line does not name the columns' };
  const rows: StatementRow[] = [];
  for (const [index, line] of lines.entries()) {
    const values = cells(line);
    // Sums of a day or of the file stand beside the trades, without any number.
    if (values[columns.merchantTradeNo] === '' && values[columns.providerRef] === '') continue;
    const row = readRow(values, columns);
    if (row === undefined) return { ok: false, reason: `line ${index + 2} does not read` };
    rows.push(row);
  }
  return { ok: true, rows };
}

function columnsOf(header: readonly string[]): Record<Column, number> | undefined {
  const found = Object.entries(names).map(([column, wanted]): [string, number] => {
    const known = wanted.find((name) => header.includes(name));
    return [column, known === undefined ? -1 : header.indexOf(known)];
  });
  return found.every(([, index]) => index >= 0)
    ? (Object.fromEntries(found) as Record<Column, number>)
    : undefined;
}

function readRow(values: readonly string[], columns: Record<Column, number>): StatementRow | undefined {
  const named = Object.fromEntries(
    Object.entries(columns).map(([column, index]) => [column, values[index] ?? '']),
  );
  const row = rowSchema.safeParse(named).data;
  if (row === undefined) return undefined;
  return {
    kind: row.amount.startsWith('-') ? 'refund' : 'payment',
    merchantTradeNo: row.merchantTradeNo,
    providerRef: row.providerRef,
    amountMinor: row.amount,
    currency: 'TWD',
    fee: difference(row.amount, row.net),
    net: row.net,
    day: row.day
      .replace(/\D/g, '')
      .slice(0, 8)
      .replace(/(....)(..)(..)/, '$1-$2-$3'),
  };
}

/** In thousandths, so that no number ever holds them. */
function difference(amount: string, net: string): string {
  const thousandths = inThousandths(amount) - inThousandths(net);
  const sign = thousandths < 0n ? '-' : '';
  const digits = String(thousandths < 0n ? -thousandths : thousandths).padStart(4, '0');
  const fraction = digits.slice(-3).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -3)}${fraction === '' ? '' : `.${fraction}`}`;
}

function inThousandths(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(3, '0'));
}

/** ECPay writes cells for Excel, `="2026-01-01"` or `=100`; quotes keep commas together. */
function cells(line: string): string[] {
  const found = `,${line}`.matchAll(/,=?(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return Array.from(found, ([, quoted, plain = '']) => (quoted?.replaceAll('""', '"') ?? plain).trim());
}
