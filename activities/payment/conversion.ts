import { pinQuote, type Quote } from '../../domain/exchange/quote';
import type { PaymentPlan, PlanRefusal } from '../../domain/payment/plan';
import type { PaymentRequest } from '../../domain/payment/request';
import { findExchangeTerms } from '../../db/read-models/exchange-terms';
import { addQuote, lockQuote } from '../../db/stores/exchange-quotes-store';
import { openPayment as writeOpening, type Opening } from '../../db/stores/payments-store';
import { inTransaction } from '../../db/transaction';
import type { PaymentDeps } from './deps';

/** A quote to be locked with the opening; undefined for the common payment, which is not exchanged. */
export interface QuoteToLock {
  quote: Quote;
  isNew: boolean;
}

export type ConversionPlanned =
  { ok: true; plan: PaymentPlan; toLock?: QuoteToLock } | { ok: false; refusal: PlanRefusal };

/** Completes a plan with the terms of its exchange. A payment that is not exchanged asks nobody. */
export async function planConversion(
  deps: PaymentDeps,
  request: PaymentRequest,
  plan: PaymentPlan,
): Promise<ConversionPlanned> {
  const { settleCurrency } = request;
  if (settleCurrency === undefined) return { ok: true, plan };
  const terms = await findExchangeTerms(deps.database, deps.exchange, { ...request, settleCurrency });
  if (!terms.ok) return terms;
  const { quote, isNew } = terms;
  return { ok: true, plan: { ...plan, conversion: pinQuote(quote) }, toLock: { quote, isNew } };
}

export type Opened = 'opened' | 'taken' | 'quote_lost';

/** The payment and the lock on its quote are written together; without a quote one statement is all. */
export async function openWithQuote(
  deps: PaymentDeps,
  opening: Opening,
  toLock: QuoteToLock | undefined,
): Promise<Opened> {
  if (toLock === undefined) return (await writeOpening(deps.database, opening)) ? 'opened' : 'taken';
  const { quote, isNew } = toLock;
  const { paymentId } = opening.request;
  try {
    return await inTransaction(deps.database, async (transaction) => {
      if (!(await writeOpening(transaction, opening))) return 'taken';
      if (isNew) await addQuote(transaction, quote);
      else if (!(await lockQuote(transaction, quote.id, paymentId))) throw new QuoteLost();
      return 'opened';
    });
  } catch (error) {
    if (error instanceof QuoteLost) return 'quote_lost';
    throw error;
  }
}

/** Another payment was quicker, or the time ran out between the look and the lock. */
class QuoteLost extends Error {}
