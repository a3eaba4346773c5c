/**
 * What a provider can answer, in the platform's words. These values cross Temporal and JSON columns, so an
 * amount here is the decimal digits of a bigint in the currency's smallest unit.
 */
export type NextAction =
  | { type: 'redirect'; url: string }
  | { type: 'form_post'; url: string; fields: Record<string, string> }
  | { type: 'qr_code'; content: string }
  | { type: 'client_secret'; secret: string }
  | { type: 'bank_transfer'; details: Record<string, string> }
  /** Paid at a shop's till, by a number or by barcodes. */
  | { type: 'cash_code'; details: Record<string, string> }
  | { type: 'crypto_address'; address: string; network: string };

export interface ChannelError {
  /** Ours, stable: docs/channels/<name>.md maps the provider's codes onto these. */
  code: string;
  message: string;
  /** The provider's own code, as it came. */
  rawCode?: string;
}

export interface MovedMoney {
  providerRef: string;
  amountMinor: string;
  currency: string;
  /** When it moved, where the provider says so. */
  movedAt?: string;
}

/** The answer to "start a charge". Unknown is a state of its own, never a failure. */
export type ChargeOutcome =
  | { kind: 'action'; nextAction: NextAction; providerRef?: string }
  /** The customer has nothing more to do, and how it ends is not known there yet. */
  | { kind: 'processing'; providerRef?: string }
  | { kind: 'succeeded'; charge: MovedMoney }
  | { kind: 'authorized'; charge: MovedMoney }
  | { kind: 'declined'; error: ChannelError }
  /** It is certain that nothing happened there: another channel may be tried. */
  | { kind: 'unavailable'; error: ChannelError }
  | { kind: 'unknown'; error: ChannelError };

/** The answer to "what became of the charge with this reference". */
export type ChargeStatus =
  | {
      kind: 'open';
      nextAction?: NextAction;
      providerRef?: string;
      /** The channel says the same while it works on it: only its notices tell which. */
      mayBeInProcess?: boolean;
    }
  | { kind: 'processing'; providerRef?: string }
  | { kind: 'succeeded'; charge: MovedMoney }
  | { kind: 'authorized'; charge: MovedMoney }
  | { kind: 'declined'; error: ChannelError }
  | { kind: 'cancelled' }
  | {
      kind: 'not_found';
      /** The customer holds what begins it there, and may do so yet. */
      mayBegin?: boolean;
    }
  | { kind: 'unknown'; error: ChannelError };

/** The answer to "capture so much of what was authorised". */
export type CaptureOutcome =
  | { kind: 'succeeded'; captured: MovedMoney }
  | { kind: 'declined'; error: ChannelError }
  | { kind: 'unavailable'; error: ChannelError }
  | { kind: 'unknown'; error: ChannelError };

/** The answer to "give so much back"; `providerRef` is the provider's number of the refund. */
export type RefundOutcome =
  | { kind: 'succeeded'; refund: MovedMoney }
  | { kind: 'pending'; providerRef?: string }
  | { kind: 'declined'; error: ChannelError }
  /** It is certain that nothing happened there: the same refund may be asked for again. */
  | { kind: 'unavailable'; error: ChannelError }
  | { kind: 'unknown'; error: ChannelError };

/** The answer to "what became of the refund with this reference". */
export type RefundStatus = Exclude<RefundOutcome, { kind: 'unavailable' }> | { kind: 'not_found' };

/** The answer to "put this before the bank". */
export type EvidenceOutcome =
  | { kind: 'accepted' }
  | { kind: 'declined'; error: ChannelError }
  | { kind: 'unavailable'; error: ChannelError }
  | { kind: 'unknown'; error: ChannelError };

export interface DisputeNews {
  /** The provider's number of the dispute. */
  providerRef: string;
  state: 'opened' | 'won' | 'lost';
  amountMinor: string;
  currency: string;
  reasonCode: string;
  evidenceDueAt?: string;
  /** What the channel takes for a lost one, where its event says so. */
  feeMinor?: string;
}

/** A webhook in the platform's words; `eventId` is the provider's. */
export type ChannelEvent = {
  eventId: string;
  occurredAt: string;
} & (
  | {
      about: 'charge';
      /** The attempt's. */
      reference: string;
      status: ChargeStatus;
    }
  | {
      about: 'refund';
      /** Our refund's id; left out, or a number that is not ours, of a refund that was made at the provider by hand. */
      reference?: string;
      /** The attempt's whose charge is given back; left out by a provider that names only its own charge. */
      chargeReference?: string;
      /** The provider's number of that charge. */
      chargeRef?: string;
      status: RefundStatus;
    }
  | {
      about: 'dispute';
      /** The disputed attempt's; left out by a provider that names only its own charge. */
      reference?: string;
      /** The provider's number of the charge. */
      chargeRef?: string;
      dispute: DisputeNews;
    }
  | {
      /** A customer whom the provider keeps, or a payment method of theirs: what changed has to be asked for. */
      about: 'customer';
      reference?: undefined;
      /** The provider's number of the customer. */
      customerRef: string;
    }
);

export type ChargeEvent = Extract<ChannelEvent, { about: 'charge' }>;
export type RefundEvent = Extract<ChannelEvent, { about: 'refund' }>;
/** A dispute's news, by the time that anybody acts on it: whose attempt it is about is known then. */
export type DisputeEvent = Extract<ChannelEvent, { about: 'dispute' }> & { reference: string };
