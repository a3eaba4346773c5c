import type { CredentialField } from '../../../domain/channel/credentials';

export const tpayCredentials: readonly CredentialField[] = [
  { name: 'appId', isRequired: true, isSecret: false, description: 'the number TPay gave the app' },
  { name: 'appSecret', isRequired: true, isSecret: true, description: 'signs our calls' },
  { name: 'notifyKey', isRequired: true, isSecret: true, description: 'signs the notifications TPay sends' },
  {
    name: 'previousNotifyKey',
    isRequired: false,
    isSecret: true,
    description: 'still accepted while keys are being changed',
  },
];
