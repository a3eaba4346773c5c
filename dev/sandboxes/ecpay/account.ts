/** ECPay's public merchant of its test environment, known to everybody; the check code is the sandbox's own. */
export const ecpaySandboxAccount = {
  merchantId: '3002607',
  hashKey: 'pwFHCqoQZGmho4w6',
  hashIv: 'EkRm7iFT261dpevs',
  creditCheckCode: '25938511',
} as const;

export type EcpayAccount = { merchantId: string; hashKey: string; hashIv: string; creditCheckCode: string };
