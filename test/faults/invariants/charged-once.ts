import type { BookEntry } from '../../../dev/sandboxes/kpay/control-api';
import type { Finding } from '../finding';
import type { Evidence } from './evidence';

/** In the provider's book alone: what the platform believes has no say here. */
export function chargedOnce({ book }: Evidence): Finding {
  const charges = new Map<string, number>();
  for (const order of book) {
    const payment = paymentOf(order);
    charges.set(payment, (charges.get(payment) ?? 0) + order.charges);
  }
  return {
    name: 'I2',
    promise: "at most one charge per payment in the provider's own book",
    checked: charges.size,
    offenders: [...charges]
      .filter(([, count]) => count > 1)
      .map(([payment, count]) => `${payment} was charged ${count} times`),
  };
}

function paymentOf({ reference }: Pick<BookEntry, 'reference'>): string {
  return reference.slice(0, reference.lastIndexOf('-'));
}
