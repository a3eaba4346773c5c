import { testCard } from './cards';
import type { Customer, Method } from './customers';
import { seconds } from './objects';

export function customerMessage(customer: Customer) {
  return {
    id: customer.id,
    object: 'customer',
    created: seconds(customer.createdAt),
    email: customer.email,
    livemode: false,
    metadata: customer.metadata,
    name: customer.name,
    phone: customer.phone,
  };
}

export function methodMessage(method: Method) {
  const card = testCard(method.card);
  return {
    id: method.id,
    object: 'payment_method',
    card: { brand: card?.brand ?? 'unknown', exp_month: 12, exp_year: 2034, last4: card?.last4 ?? '0000' },
    created: seconds(method.createdAt),
    customer: method.customer,
    livemode: false,
    metadata: {},
    type: 'card',
  };
}
