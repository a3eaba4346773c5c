import { accountId, accountName, createKnownAccounts } from '../../../db/stores/ledger-accounts';
import { merchantAccount, platformAccount, type Account } from '../../../domain/ledger/account';

const pending = (merchantId: string) => merchantAccount('live', merchantId, 'pending', 'USD');
const owner = 'one owner';

/** Of one owner's accounts and one currency's of the platform: each differs from the next in one thing. */
const different: Account[] = [
  pending(owner),
  merchantAccount('test', owner, 'pending', 'USD'),
  merchantAccount('live', owner, 'held', 'USD'),
  merchantAccount('live', owner, 'pending', 'EUR'),
  { ...pending(owner), owner: { kind: 'agent', id: owner } },
  platformAccount('live', 'fee_income', 'USD'),
  platformAccount('live', 'channel_cost', 'USD'),
  platformAccount('test', 'fee_income', 'USD'),
  platformAccount('live', 'fee_income', 'EUR'),
];

describe('the accounts that a poster knows', () => {
  test('are found again, each by its own id', () => {
    const known = createKnownAccounts(100);
    for (const account of different) known.of(account).isOpen = true;
    for (const account of different) {
      expect(known.of({ ...account })).toMatchObject({ id: accountId(accountName(account)), isOpen: true });
    }
  });

  test('are forgotten one at a time', () => {
    const known = createKnownAccounts(100);
    for (const account of different) {
      for (const one of different) known.of(one).isOpen = true;
      known.forget({ ...account });
      known.forget(pending('unknown'));
      expect(different.filter((one) => !known.of(one).isOpen)).toEqual([account]);
    }
  });

  test('are no more than allowed: the owner that came first goes first, with all that it has', () => {
    const known = createKnownAccounts(4);
    for (const account of [
      ...different.slice(0, 2),
      pending('second'),
      pending('third'),
      pending('fourth'),
    ]) {
      known.of(account).isOpen = true;
    }
    expect(known.of(pending('second')).isOpen).toBe(true);
    expect(known.of(pending('third')).isOpen).toBe(true);
    expect(known.of(pending('fourth')).isOpen).toBe(true);
    expect(known.of(pending(owner)).isOpen).toBe(false);
  });

  test('make room again when they are forgotten', () => {
    const known = createKnownAccounts(2);
    for (let round = 0; round < 5; round += 1) {
      known.of(pending('first')).isOpen = true;
      known.of(pending('second'));
      known.forget(pending('second'));
    }
    expect(known.of(pending('first')).isOpen).toBe(true);
  });

  test('are no more than allowed of one owner either', () => {
    const known = createKnownAccounts(1);
    known.of(pending(owner)).isOpen = true;
    known.of(merchantAccount('live', owner, 'held', 'USD')).isOpen = true;
    expect(known.of(merchantAccount('live', owner, 'held', 'USD')).isOpen).toBe(true);
    expect(known.of(pending(owner)).isOpen).toBe(false);
  });
});
