/** Where the money of a charge is: the payment's own, or what became of it in suspense. */
export type ChargePlace = 'payment' | 'suspense' | 'accepted' | 'given_back' | 'lost';

/** What the customer has got back of late money that the merchant had accepted; of `provider_charges c`. */
export const givenBackOfAccepted = `(
  select coalesce(sum(r.amount), 0) from refunds r where r.payment_id = c.payment_id and r.kind = 'accepted_money'
    and r.status = 'succeeded' and r.channel_config_id = c.channel_config_id and r.charge_ref = c.provider_ref)`;

/** What lost disputes took out of suspense before counts only where it is all; of `provider_charges c`. */
export const chargePlace = `case
  when c.disposition = 'payment' then 'payment'
  when c.resolved_at is null then 'suspense'
  when c.lost = c.amount then 'lost'
  when c.decision = 'accept' and ${givenBackOfAccepted} < c.amount - c.lost then 'accepted'
  else 'given_back' end`;
