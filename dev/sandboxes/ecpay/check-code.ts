import { createHash } from 'node:crypto';
import type { EcpayAccount } from './account';

/** CheckMacValue by docs/channels/ecpay.md, with code of the sandbox's own. */

/** ASCII that .NET's HttpUtility leaves as it is. */
const kept = /[A-Za-z0-9\-_.!*()]/;

export function checkCode(account: EcpayAccount, fields: Readonly<Record<string, string>>): string {
  const names = Object.keys(fields).filter((name) => name !== 'CheckMacValue');
  names.sort((left, right) => left.toLowerCase().localeCompare(right.toLowerCase(), 'en'));
  const parts = [
    `HashKey=${account.hashKey}`,
    ...names.map((name) => `${name}=${fields[name] ?? ''}`),
    `HashIV=${account.hashIv}`,
  ];
  let encoded = '';
  for (const byte of Buffer.from(parts.join('&'), 'utf8')) {
    const character = String.fromCharCode(byte);
    if (byte < 128 && kept.test(character)) encoded += character;
    else if (character === ' ') encoded += '+';
    else encoded += `%${byte.toString(16).padStart(2, '0')}`;
  }
  return createHash('sha256').update(encoded.toLowerCase()).digest('hex').toUpperCase();
}

export function isChecked(account: EcpayAccount, fields: Readonly<Record<string, string>>): boolean {
  return (
    fields['MerchantID'] === account.merchantId && fields['CheckMacValue'] === checkCode(account, fields)
  );
}

/** The fields by name with their code behind them. */
export function withCode(
  account: EcpayAccount,
  fields: Readonly<Record<string, string>>,
): Record<string, string> {
  const sorted = Object.fromEntries(
    Object.entries(fields).sort(([left], [right]) =>
      left.toLowerCase().localeCompare(right.toLowerCase(), 'en'),
    ),
  );
  return { ...sorted, CheckMacValue: checkCode(account, fields) };
}
