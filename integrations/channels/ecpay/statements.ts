import type { ChannelError } from '../../../domain/payment/outcome';
import type { ChannelCall } from '../payment-provider';
import type { EcpayClient } from './client';
import { error, failureError } from './errors';
import { readStatement, type StatementRow } from './statement-file';
import { taipeiDate } from './taipei-time';

export type Statement = { kind: 'rows'; rows: StatementRow[] } | { kind: 'unavailable'; error: ChannelError };

/** ECPay gives one file a minute. */
const tooSoon = '一分鐘';

/** What ECPay says was paid, and what it has captured of cards and given back, day by day. */
export function createStatements(client: EcpayClient) {
  return {
    /** Every trade that was paid on these days, both included. */
    trades: (call: ChannelCall, days: { from: Date; to: Date }) =>
      download(call, 'statement', {
        DateType: '2',
        BeginDate: taipeiDate(days.from),
        EndDate: taipeiDate(days.to),
        PaymentStatus: '1',
        MediaFormated: '1',
        CharSet: '2',
      }),

    /** What was told to be captured, or given back, on these days. */
    cards: (call: ChannelCall, days: { from: Date; to: Date }) =>
      download(call, 'credit_statement', {
        PayDateType: 'close',
        StartDate: taipeiDate(days.from),
        EndDate: taipeiDate(days.to),
        CharSet: '2',
      }),
  };

  async function download(
    call: ChannelCall,
    service: 'statement' | 'credit_statement',
    parameters: Readonly<Record<string, string>>,
  ): Promise<Statement> {
    const outcome = await client.ask(call, service, parameters);
    if (outcome.kind === 'declined')
      return unavailable(error('request_rejected', 'ECPay refused.', outcome.code));
    if (outcome.kind !== 'ok') return unavailable(failureError(outcome));
    if (outcome.value.includes(tooSoon)) {
      return unavailable(error('rate_limited', 'ECPay gives one statement a minute.'));
    }
    const reading = readStatement(outcome.value);
    if (reading.ok) return { kind: 'rows', rows: reading.rows };
    return unavailable(error('answer_unreadable', `ECPay’s statement does not read: ${reading.reason}.`));
  }
}

function unavailable(problem: ChannelError): Statement {
  return { kind: 'unavailable', error: problem };
}
