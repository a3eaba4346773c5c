import { publicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import type { Finding } from '../finding';
import { countIn, offendersIn, type Evidence } from './evidence';

const tooMuch = `
select format('pay_%s: %s captured, %s reserved, %s refunded, %s in its refunds',
  replace(p.id::text, '-', ''), p.captured, p.refund_reserved, p.refunded, coalesce(sum(r.amount), 0)) as offender
from payments p left join refunds r on r.payment_id = p.id and r.kind = 'merchant' and r.status <> 'failed'
group by p.id, p.captured, p.refund_reserved, p.refunded
having coalesce(sum(r.amount), 0) > p.captured or coalesce(sum(r.amount), 0) <> p.refund_reserved
  or coalesce(sum(r.amount) filter (where r.status = 'succeeded'), 0) <> p.refunded`;

const numberedTwice = `
select format('%s is %s refunds', refund_no, count(*)) as offender
from refunds where refund_no is not null group by merchant_id, mode, refund_no having count(*) > 1`;

interface Stored {
  id: string;
  refund_no: string | null;
  amount: bigint;
  currency: string;
  status: string;
}

/** No more is given back than was taken; what the provider gave back is known here, and what was promised is done. */
export async function refundsFit(evidence: Evidence): Promise<Finding> {
  const { database, book, refunds } = evidence;
  const { rows } = await database.query<Stored>(
    'select id, refund_no, amount, currency, status from refunds',
  );
  const here = new Map(rows.map((refund) => [publicId('refund', refund.id), refund]));
  return {
    name: 'I5',
    promise: 'refunds are never more than was captured, one number is one refund, and none is lost',
    checked: (await countIn(database, 'payments')) + here.size + refunds.length,
    offenders: [
      ...(await offendersIn(database, tooMuch)),
      ...(await offendersIn(database, numberedTwice)),
      ...differingFromBook(book, here),
      ...promisedAndLost(evidence, here),
    ],
  };
}

function differingFromBook(book: Evidence['book'], here: ReadonlyMap<string, Stored>): string[] {
  const offenders: string[] = [];
  const there = new Set<string>();
  for (const order of book) {
    if (order.refunded_amount > order.charged_amount) {
      offenders.push(
        `${order.reference}: ${order.refunded_amount} of ${order.charged_amount} were given back`,
      );
    }
    for (const { refund_no: number, amount, status, effects } of order.refunds) {
      const known = here.get(number);
      there.add(number);
      if (effects > 1) offenders.push(`${number} moved money ${effects} times`);
      if (known?.amount !== BigInt(amount) || known.status !== status) {
        offenders.push(`${number}: ${amount} ${status} there, ${known?.amount} ${known?.status} here`);
      }
    }
  }
  for (const [number, { status }] of here) {
    if (status === 'succeeded' && !there.has(number))
      offenders.push(`${number} is succeeded, and never was made`);
  }
  return offenders;
}

function promisedAndLost({ refunds, problems }: Evidence, here: ReadonlyMap<string, Stored>): string[] {
  const offenders = problems.filter((problem) => problem.startsWith('I5'));
  for (const { refundNo, refundId, amount } of refunds) {
    const known = here.get(refundId);
    if (known === undefined)
      offenders.push(`${refundNo} was acknowledged as ${refundId}, which is not there`);
    else if (known.refund_no !== refundNo || formatAmount(known.amount, known.currency) !== amount) {
      offenders.push(`${refundId} was acknowledged as ${refundNo} of ${amount}, and is another`);
    }
  }
  return offenders;
}
