import type { CredentialField } from '../../../domain/channel/credentials';

export const kpayCredentials: readonly CredentialField[] = [
  { name: 'merchantId', isRequired: true, isSecret: false, description: 'the number KPay gave the merchant' },
  { name: 'apiSecret', isRequired: true, isSecret: true, description: 'signs our calls' },
  { name: 'webhookSecret', isRequired: true, isSecret: true, description: 'signs the events KPay sends' },
  {
    name: 'previousWebhookSecret',
    isRequired: false,
    isSecret: true,
    description: 'still accepted while secrets are being changed',
  },
];
