import type { CredentialField } from '../../../domain/channel/credentials';
import { publicMerchants } from './account';
import { ways } from './payment-ways';

const hours = '(?:[01]\\d|2[0-3])(?::[0-5]\\d){1,2}';
const oneWay = `(?:${ways.join('|')})`;
const inBothModes = (pattern: string) => ({ test: pattern, live: pattern });

export const ecpayCredentials: readonly CredentialField[] = [
  {
    name: 'merchantId',
    isRequired: true,
    isSecret: false,
    description: 'the number ECPay gave the merchant; its public test merchants are for test mode only',
    patterns: { test: '[0-9]{1,10}', live: `(?!(?:${publicMerchants.join('|')})$)[0-9]{1,10}` },
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
    description: 'digits from the back office, without which no card is captured or given back',
    patterns: inBothModes('[0-9]{1,20}'),
  },
  {
    name: 'dailyClosing',
    isRequired: false,
    isSecret: false,
    description: '`off` where ECPay does not close cards every evening by itself, else `on`',
    patterns: inBothModes('on|off'),
  },
  {
    name: 'closingHours',
    isRequired: false,
    isSecret: false,
    description: '`none`, or when ECPay closes its day, such as 20:14-20:31',
    patterns: inBothModes(`none|${hours}-${hours}`),
  },
  {
    name: 'paymentTypes',
    isRequired: false,
    isSecret: false,
    description: `which ways to pay the account has, the usual one first, of ${ways.join(', ')}`,
    patterns: inBothModes(`${oneWay}(?:, ?${oneWay})*`),
  },
];
