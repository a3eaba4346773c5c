import { z } from 'zod';
import { derivedId } from './objects';

export const customerSchema = z.object({
  id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  createdAt: z.number(),
});

export const methodSchema = z.object({
  id: z.string(),
  /** Null once it was detached: it can't be charged, or attached, ever again. */
  customer: z.string().nullable(),
  /** Which of Stripe's test cards it is. */
  card: z.string(),
  createdAt: z.number(),
});

export type Customer = z.infer<typeof customerSchema>;
export type Method = z.infer<typeof methodSchema>;

/** Customers, and the payment methods that are kept for them. */
export interface CustomerBook {
  create(key: string, profile: Pick<Customer, 'name' | 'email' | 'phone' | 'metadata'>): Customer;
  find(id: string): Customer | undefined;
  update(customer: Customer, changes: Partial<Customer>): Customer;
  keepMethod(customerId: string, card: string, madeFor: string): Method;
  method(id: string): Method | undefined;
  methodsOf(customerId: string): Method[];
  detach(method: Method): Method;
  customers(): Customer[];
}

export interface CustomerBookOptions {
  customers: Customer[];
  methods: Method[];
  now: () => number;
  onCustomer(customer: Customer): void;
  onMethod(method: Method): void;
}

const customersMax = 100_000;

export function createCustomerBook(options: CustomerBookOptions): CustomerBook {
  const customers = new Map(options.customers.map((customer) => [customer.id, customer]));
  const methods = new Map(options.methods.map((method) => [method.id, method]));

  return {
    find: (id) => customers.get(id),
    method: (id) => methods.get(id),
    customers: () => [...customers.values()].reverse(),

    create(key, profile) {
      const id = derivedId('cus_', key);
      const known = customers.get(id);
      if (known !== undefined) return known;
      if (customers.size >= customersMax) throw new RangeError(`no more than ${customersMax} customers`);
      const customer = { id, ...profile, createdAt: options.now() };
      customers.set(id, customer);
      options.onCustomer(customer);
      return customer;
    },

    update(customer, changes) {
      Object.assign(customer, changes);
      options.onCustomer(customer);
      return customer;
    },

    keepMethod(customerId, card, madeFor) {
      const id = derivedId('pm_', customerId, madeFor);
      const method = { id, customer: customerId, card, createdAt: options.now() };
      methods.set(id, method);
      options.onMethod(method);
      return method;
    },

    methodsOf: (customerId) =>
      [...methods.values()].filter(({ customer }) => customer === customerId).reverse(),

    detach(method) {
      method.customer = null;
      options.onMethod(method);
      return method;
    },
  };
}
