import { stepReference, type Journal } from '../../domain/ledger/journal';
import { convertAt } from '../../domain/exchange/conversion';
import { exchangeJournal } from '../../domain/ledger/exchange-journal';
import type { ChannelFees } from '../../domain/fees/contracts';
import { chargeFees } from '../../domain/fees/payment-fees';
import { captureJournal, successJournal, type ChargeBooked } from '../../domain/ledger/payment-journals';
import { suspenseInJournal } from '../../domain/ledger/suspense-journals';
import { effectiveTime } from '../../domain/payment/moved-at';
import type { MovedMoney } from '../../domain/payment/outcome';
import {
  attemptReference,
  chargeReference,
  paymentWorkflowId,
  type Mode,
} from '../../domain/payment/reference';
import type { OpenedPayment } from './contracts';
import type { Writing } from './writing';

/** What a change of a payment does to the books: a charge is booked under the reference it has at the provider. */
export function journalsOf(
  payment: OpenedPayment,
  writing: Writing,
  fees: ChannelFees | undefined,
): Journal[] {
  const { charge } = writing;
  if (charge === undefined) return [];
  const { request } = payment;
  const attemptNo = writing.attemptNo ?? payment.attempt.attemptNo;
  const channelConfigId = writing.channelConfigId ?? payment.attempt.channelConfigId;
  if (charge.disposition === 'suspense') {
    return [suspenseIn({ ...request, attemptNo, channelConfigId, charge })];
  }
  const book = writing.capture === undefined ? successJournal : captureJournal;
  const amount = { amount: BigInt(charge.amountMinor), currency: charge.currency };
  const booked = {
    reference: chargeReference(request.paymentId, attemptNo, writing.capture?.captureNo),
    mode: request.mode,
    effectiveAt: effectiveTime(charge, request.paymentId),
    workflowId: paymentWorkflowId(request.mode, request.merchantId, request.orderId),
    paymentId: request.paymentId,
    merchantId: request.merchantId,
    channelConfigId,
    amount,
    ...chargeFees(fees, amount.amount),
  };
  return [book(booked), ...exchangeOf(payment, booked)];
}

/** What the merchant has of a charge, the fee taken, becomes its own currency at the terms that were locked. */
function exchangeOf({ conversion }: OpenedPayment, charge: ChargeBooked): Journal[] {
  const { reference, mode, effectiveAt, workflowId, paymentId, merchantId, amount, fee = 0n } = charge;
  const net = amount.amount - fee;
  if (conversion === undefined || net === 0n) return [];
  const { target, worth } = convertAt(conversion, net);
  const { settleCurrency: currency } = conversion;
  return [
    exchangeJournal({
      ...{ reference, mode, effectiveAt, workflowId, paymentId, merchantId },
      balance: 'pending',
      source: { amount: net, currency: amount.currency },
      target: { amount: target, currency },
      worth: { amount: worth, currency },
    }),
  ];
}

export interface SuspendedCharge {
  paymentId: string;
  mode: Mode;
  merchantId: string;
  orderId: string;
  attemptNo: number;
  channelConfigId: string;
  charge: MovedMoney;
}

/** Money without a place: it lies on the suspense account until somebody decides. */
export function suspenseIn(held: SuspendedCharge): Journal {
  return suspenseInJournal({
    reference: suspenseReference(held.paymentId, held.attemptNo, held.charge.providerRef),
    mode: held.mode,
    effectiveAt: effectiveTime(held.charge, held.paymentId),
    workflowId: paymentWorkflowId(held.mode, held.merchantId, held.orderId),
    paymentId: held.paymentId,
    channelConfigId: held.channelConfigId,
    amount: { amount: BigInt(held.charge.amountMinor), currency: held.charge.currency },
  });
}

/** An attempt can be charged a second time by mistake: the provider's number tells the charges apart. */
export function suspenseReference(paymentId: string, attemptNo: number, providerRef: string): string {
  return stepReference(attemptReference(paymentId, attemptNo), providerRef);
}
