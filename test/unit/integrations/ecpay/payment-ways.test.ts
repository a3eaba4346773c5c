import { accountWays } from '../../../../integrations/channels/ecpay/account';
import { methodsOfAccount, wayToPay } from '../../../../integrations/channels/ecpay/payment-ways';

const holds = { dailyClosing: 'off', creditCheckCode: '1' };

it.each<[Record<string, string>, string[], string[]]>([
  [{}, ['card'], []],
  [{ paymentTypes: 'Credit,ATM, WebATM,CVS' }, ['card', 'bank_transfer', 'cash_code'], []],
  [{ paymentTypes: 'ATM,Credit', ...holds }, ['bank_transfer'], ['card']],
  [{ paymentTypes: 'ATM,Credit', dailyClosing: 'off' }, ['bank_transfer'], []],
  [{ paymentTypes: 'ATM', ...holds }, ['bank_transfer'], []],
  [{ paymentTypes: 'toString' }, [], []],
])('an account with %j takes by %j, and reserves by %j', (credentials, atOnce, reserved) => {
  const account = accountWays(credentials);
  expect(methodsOfAccount(account, 'automatic')).toEqual(atOnce);
  expect(methodsOfAccount(account, 'manual')).toEqual(reserved);
});

it('goes by the first way that can do what is asked, where no method is named', () => {
  const account = accountWays({ paymentTypes: 'ATM,Credit,CVS', ...holds });
  expect(wayToPay(account, { capture: 'automatic' })).toBe('ATM');
  expect(wayToPay(account, { capture: 'manual' })).toBe('Credit');
  expect(wayToPay(account, { capture: 'manual', method: 'cash_code' })).toBe('CVS');
  expect(wayToPay(account, { capture: 'manual', method: 'qr' })).toBeUndefined();
});
