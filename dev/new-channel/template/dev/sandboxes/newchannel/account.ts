/** The one merchant that the sandbox knows. Nothing of value stands behind these. */
export const newchannelSandboxAccount = {
  apiSecret: 'newchannel-sandbox-api-secret',
  webhookSecret: 'newchannel-sandbox-webhook-secret',
} as const;

export type NewchannelAccount = { apiSecret: string; webhookSecret: string };
