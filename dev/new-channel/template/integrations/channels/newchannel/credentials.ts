import type { CredentialField } from '../../../../../../domain/channel/credentials';

/** To change: what NewChannel gives a merchant. The usual three, of which the last is for changing the one before. */
export const newchannelCredentials: readonly CredentialField[] = [
  { name: 'apiSecret', isRequired: true, isSecret: true, description: 'signs our calls' },
  {
    name: 'webhookSecret',
    isRequired: true,
    isSecret: true,
    description: 'signs the events NewChannel sends',
  },
  {
    name: 'previousWebhookSecret',
    isRequired: false,
    isSecret: true,
    description: 'still accepted while secrets are being changed',
  },
];
