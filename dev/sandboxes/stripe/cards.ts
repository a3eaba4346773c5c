/** Stripe's own test payment methods, as far as the sandbox plays them. */
export interface TestCard {
  brand: string;
  last4: string;
  /** What the bank says to every charge. */
  declineCode?: string;
  /** What it says when the customer is not there. */
  offSessionDeclineCode?: string;
  /** The customer goes to the bank as soon as it was charged. */
  isDisputed?: boolean;
}

const cards: Readonly<Record<string, TestCard>> = {
  pm_card_visa: { brand: 'visa', last4: '4242' },
  pm_card_mastercard: { brand: 'mastercard', last4: '4444' },
  pm_card_visa_chargeDeclined: { brand: 'visa', last4: '0002', declineCode: 'generic_decline' },
  pm_card_visa_chargeDeclinedInsufficientFunds: {
    ...{ brand: 'visa', last4: '9995', declineCode: 'insufficient_funds' },
  },
  pm_card_visa_chargeDeclinedFraudulent: { brand: 'visa', last4: '0019', declineCode: 'fraudulent' },
  pm_card_authenticationRequired: {
    ...{ brand: 'visa', last4: '3184', offSessionDeclineCode: 'authentication_required' },
  },
  pm_card_createDispute: { brand: 'visa', last4: '0259', isDisputed: true },
};

export function testCard(token: string): TestCard | undefined {
  return Object.hasOwn(cards, token) ? cards[token] : undefined;
}
