/** The one app that the sandbox knows. Nothing of value stands behind these. */
export const tpaySandboxAccount = {
  appId: 'TW20260001',
  appSecret: 'tpay-sandbox-app-secret',
  notifyKey: 'tpay-sandbox-notify-key',
} as const;

export type TpayAccount = { appId: string; appSecret: string; notifyKey: string };
