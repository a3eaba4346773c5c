import type { CredentialField } from '../../../domain/channel/credentials';

export const ecpayCredentials: readonly CredentialField[] = [
  {
    name: 'merchantId',
    isRequired: true,
    isSecret: false,
    description: 'the number ECPay gave the merchant',
  },
  { name: 'hashKey', isRequired: true, isSecret: true, description: 'signs what goes and comes' },
  { name: 'hashIv', isRequired: true, isSecret: true, description: 'signs what goes and comes' },
  {
    name: 'previousHashKey',
    isRequired: false,
    isSecret: true,
    description: 'still accepted while keys are being changed',
  },
  {
    name: 'previousHashIv',
    isRequired: false,
    isSecret: true,
    description: 'still accepted while keys are being changed',
  },
  {
    name: 'creditCheckCode',
    isRequired: false,
    isSecret: true,
    description: 'for queries of credit card payments',
  },
  {
    name: 'dailyClosing',
    isRequired: false,
    isSecret: false,
    description: 'when the merchant’s day is closed, as docs/channels/ecpay.md says',
  },
  {
    name: 'closingHours',
    isRequired: false,
    isSecret: false,
    description: 'when ECPay closes its day, as docs/channels/ecpay.md says',
  },
  {
    name: 'paymentTypes',
    isRequired: false,
    isSecret: false,
    description: 'which ways of paying are offered, as docs/channels/ecpay.md says',
  },
];
