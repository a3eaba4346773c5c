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
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
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

/** Ids are remembered, up to a limit; past it the account that came first goes first. */
export function createKnownAccounts(accountsMax: number): KnownAccounts {
  const known = new Map<string, KnownAccount>();
  return {
    of(account) {
      const name = accountName(account);
      const found = known.get(name);
      if (found !== undefined) return found;
      const made = { id: accountId(name), isOpen: false };
      if (known.size >= accountsMax) known.delete(known.keys().next().value as string);
      known.set(name, made);
      return made;
    },
    forget(account) {
      known.delete(accountName(account));
    },
  };
}
