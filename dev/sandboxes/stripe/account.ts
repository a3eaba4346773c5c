/** The one account that the sandbox knows. Nothing of value stands behind these. */
export const stripeSandboxAccount = {
  secretKey: 'sk_test_durapay_sandbox',
  publishableKey: 'pk_test_durapay_sandbox',
  webhookSecret: 'whsec_durapay_sandbox',
} as const;

export type StripeAccount = { secretKey: string; publishableKey: string; webhookSecret: string };
