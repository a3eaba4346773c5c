import { publicId } from '../ids';
import type { CustomerProfile } from './outcome';

/** A customer as merchants see them. */
export interface PublicCustomer {
  id: string;
  object: 'customer';
  mode: 'live' | 'test';
  merchantId: string;
  customerNo: string | null;
  name: string | null;
  email: string | null;
  phone: string | null;
  createdAt: string;
  updatedAt: string;
}

export function presentCustomer(customer: {
  id: string;
  merchantId: string;
  mode: 'live' | 'test';
  customerNo?: string;
  profile: CustomerProfile;
  createdAt: Date;
  updatedAt: Date;
}): PublicCustomer {
  const { profile } = customer;
  return {
    id: publicId('customer', customer.id),
    object: 'customer',
    mode: customer.mode,
    merchantId: publicId('merchant', customer.merchantId),
    customerNo: customer.customerNo ?? null,
    name: profile.name ?? null,
    email: profile.email ?? null,
    phone: profile.phone ?? null,
    createdAt: customer.createdAt.toISOString(),
    updatedAt: customer.updatedAt.toISOString(),
  };
}

export interface PublicSavedMethod {
  id: string;
  object: 'saved_method';
  mode: 'live' | 'test';
  customerId: string;
  channel: string;
  kind: 'card';
  brand: string | null;
  last4: string | null;
  expires: string | null;
  status: 'active' | 'detached';
  createdAt: string;
}

export function presentSavedMethod(method: {
  id: string;
  mode: 'live' | 'test';
  customerId: string;
  channel: string;
  kind: 'card';
  brand?: string;
  last4?: string;
  expiresYear?: number;
  expiresMonth?: number;
  createdAt: Date;
  detachedAt?: Date;
}): PublicSavedMethod {
  const { expiresYear, expiresMonth } = method;
  return {
    id: publicId('savedMethod', method.id),
    object: 'saved_method',
    mode: method.mode,
    customerId: publicId('customer', method.customerId),
    channel: method.channel,
    kind: method.kind,
    brand: method.brand ?? null,
    last4: method.last4 ?? null,
    expires:
      expiresYear === undefined || expiresMonth === undefined
        ? null
        : `${expiresYear}-${String(expiresMonth).padStart(2, '0')}`,
    status: method.detachedAt === undefined ? 'active' : 'detached',
    createdAt: method.createdAt.toISOString(),
  };
}
