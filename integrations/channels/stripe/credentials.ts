import type { CredentialField } from '../../../domain/channel/credentials';

export const stripeCredentials: readonly CredentialField[] = [
  {
    name: 'secretKey',
    isRequired: true,
    isSecret: true,
    description: 'a secret or restricted key',
    patterns: { test: '(sk|rk)_test_.+', live: '(sk|rk)_live_.+' },
  },
  {
    name: 'publishableKey',
    isRequired: false,
    isSecret: false,
    description: 'for the page in the browser',
    patterns: { test: 'pk_test_.+', live: 'pk_live_.+' },
  },
  {
    name: 'webhookSecret',
    isRequired: true,
    isSecret: true,
    description: 'signs the events of the endpoint',
  },
  {
    name: 'previousWebhookSecret',
    isRequired: false,
    isSecret: true,
    description: 'still accepted while secrets are being changed',
  },
];
