import type {
  ChannelCustomer,
  CustomerProfile,
  KeptMethod,
  VaultAnswer,
} from '../../domain/customer/outcome';
import type { ChannelCall } from './payment-provider';

export interface NewChannelCustomer extends CustomerProfile {
  /** Our customer's id: the provider's idempotency key. */
  reference: string;
}

/**
 * The part of a channel that keeps customers and their payment methods. Only names of things pass here, the
 * provider's tokens: what a card's number is, only the provider knows.
 */
export interface CustomerVault {
  /** The same reference is the same customer. */
  createCustomer(call: ChannelCall, customer: NewChannelCustomer): Promise<VaultAnswer<ChannelCustomer>>;
  readCustomer(call: ChannelCall, customerRef: string): Promise<VaultAnswer<ChannelCustomer>>;
  /** All that are kept for the customer; a channel keeps a bounded number for each. */
  listMethods(call: ChannelCall, customerRef: string): Promise<VaultAnswer<KeptMethod[]>>;
  /** Afterwards it can't be charged any more; one that is not there is `not_found`. */
  detachMethod(call: ChannelCall, methodRef: string): Promise<VaultAnswer<undefined>>;
}
