/** The one merchant that the sandbox knows. Nothing of value stands behind these. */
export const kpaySandboxAccount = {
  merchantId: 'M100001',
  apiSecret: 'kpay-sandbox-api-secret',
  webhookSecret: 'kpay-sandbox-webhook-secret',
} as const;

export type KpayAccount = { merchantId: string; apiSecret: string; webhookSecret: string };
