import type { ChannelError } from '../payment/outcome';

/** Who somebody is: personal data, kept sealed wherever it is kept. */
export interface CustomerProfile {
  name?: string;
  email?: string;
  phone?: string;
}

/** A payment method as its channel keeps it. `methodRef` is a token: no number of any card comes near us. */
export interface KeptMethod {
  methodRef: string;
  kind: 'card';
  brand?: string;
  last4?: string;
  expiresYear?: number;
  expiresMonth?: number;
}

/**
 * What a channel says about the customers it keeps. Everything asked of it may be asked again, so there is no
 * "unknown" here: an answer that was lost is `unavailable`.
 */
export type VaultAnswer<Value> =
  | { kind: 'ok'; value: Value }
  | { kind: 'not_found' }
  | { kind: 'declined'; error: ChannelError }
  | { kind: 'unavailable'; error: ChannelError };

/** A customer at a channel, as the channel names and knows them. */
export interface ChannelCustomer {
  customerRef: string;
  profile: CustomerProfile;
}
