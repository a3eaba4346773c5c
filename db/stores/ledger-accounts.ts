import { createHash } from 'node:crypto';
import type { Account, Owner, OwnerKind } from '../../domain/ledger/account';

const platformOwner = '00000000-0000-0000-0000-000000000000';

export function ownerIdOf(account: Account): string {
  return account.owner.kind === 'platform' ? platformOwner : account.owner.id;
}

/** From a row: the platform has no id, or that of all zeros. */
export function ownerOf(kind: OwnerKind, id: string | null): Owner {
  return kind === 'platform' ? { kind } : { kind, id: id ?? '' };
}

/** The name of an account is its id's only source, so every process comes to the same id without asking. */
export function accountName(account: Account): string {
  return `${account.mode}/${account.owner.kind}/${ownerIdOf(account)}/${account.kind}/${account.currency}`;
}

/** A UUID of version 8: 122 bits of SHA-256. */
export function accountId(name: string): string {
  const digest = createHash('sha256').update(name).digest();
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  // Joined, not put into a template, which would keep the parts that it is made of: 300 bytes more of each that is remembered.
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

export interface KnownAccount {
  id: string;
  /** Seen in the database as a committed row, so it need not be opened. */
  isOpen: boolean;
}

export interface KnownAccounts {
  of(account: Account): KnownAccount;
  forget(account: Account): void;
}

interface Entry extends KnownAccount {
  account: Account;
}

/**
 * Ids are remembered, up to a limit; past it the owner that came first goes first. An account is found among the few of
 * its owner: to put its name together, and find that among all names, was half of what a poster did with a journal.
 */
export function createKnownAccounts(accountsMax: number): KnownAccounts {
  const known = new Map<string, Entry[]>();
  let size = 0;

  function remember(account: Account): Entry {
    while (size >= accountsMax) {
      const [oldest] = known;
      if (oldest === undefined) break;
      size -= oldest[1].length;
      known.delete(oldest[0]);
    }
    const entry = { id: accountId(accountName(account)), isOpen: false, account };
    const key = keyOf(account);
    known.set(key, [...(known.get(key) ?? []), entry]);
    size += 1;
    return entry;
  }

  return {
    of: (account) =>
      known.get(keyOf(account))?.find((entry) => isSame(entry.account, account)) ?? remember(account),
    forget(account) {
      const key = keyOf(account);
      const entries = known.get(key) ?? [];
      const others = entries.filter((entry) => !isSame(entry.account, account));
      if (others.length > 0) known.set(key, others);
      else known.delete(key);
      size -= entries.length - others.length;
    },
  };
}

/** The platform has accounts in every currency, so its are kept by currency. */
function keyOf({ owner, currency }: Account): string {
  return owner.kind === 'platform' ? currency : owner.id;
}

/** Of one key: owners of two kinds have no id in common, but nothing here needs to rely on that. */
function isSame(one: Account, other: Account): boolean {
  return (
    one.kind === other.kind &&
    one.currency === other.currency &&
    one.mode === other.mode &&
    one.owner.kind === other.owner.kind
  );
}
