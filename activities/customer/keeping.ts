import type { CustomerProfile, VaultAnswer } from '../../domain/customer/outcome';
import { publicId } from '../../domain/ids';
import {
  findCustomerAccount,
  listCustomerAccounts,
  putCustomerAccount,
  type CustomerAccount,
} from '../../db/stores/customer-accounts-store';
import { customerProfilePlace, findCustomer } from '../../db/stores/customers-store';
import { markDetached, putSavedMethods, type SavedMethod } from '../../db/stores/saved-methods-store';
import type { Database } from '../../db/pool';
import type { CustomerVault } from '../../integrations/channels/customer-vault';
import type { ChannelCall } from '../../integrations/channels/payment-provider';
import type { Log } from '../../telemetry/log';
import type { Channel } from '../payment/deps';

export interface CustomerDeps {
  database: Database;
  channelOf(channelConfigId: string): Promise<Channel | undefined>;
  /** Personal data at rest. */
  seal(plain: string, place: string): Buffer;
  openText(sealed: Buffer, place: string): string;
  log: Pick<Log, 'warn'>;
  newId(): string;
  /** For a call that a request waits for. */
  timeoutMs: number;
}

/** A channel that keeps customers, and how to ask it. */
export interface OpenVault {
  vault: CustomerVault;
  call: ChannelCall;
}

/** Customers at channels: made there when they are first needed, and their methods as the channel says they are. */
export function createCustomerKeeping(deps: CustomerDeps) {
  const { database } = deps;

  return {
    vaultAt,

    /** What the channel calls this customer; they are made there if it does not know them yet. */
    async accountAt(customerId: string, channelConfigId: string): Promise<VaultAnswer<CustomerAccount>> {
      const known = await findCustomerAccount(database, { customerId, channelConfigId });
      if (known !== undefined) return { kind: 'ok', value: known };
      const open = await vaultAt(channelConfigId, customerId);
      const customer = await findCustomer(database, { role: 'admin' }, customerId);
      if (open === undefined || customer === undefined) return { kind: 'not_found' };
      const reference = publicId('customer', customerId);
      const made = await open.vault.createCustomer(open.call, {
        reference,
        ...profileOf(customerId, customer.profile),
      });
      if (made.kind !== 'ok') return made;
      const account = { customerId, channelConfigId, providerRef: made.value.customerRef };
      await putCustomerAccount(database, account);
      return { kind: 'ok', value: account };
    },

    /** Asks every channel that knows the customer. False where one did not answer: what was known stands. */
    async syncMethods(customerId: string): Promise<boolean> {
      const accounts = await listCustomerAccounts(database, customerId);
      const synced = await Promise.all(accounts.map(syncAccount));
      return synced.every((isDone) => isDone);
    },

    /** Its channel forgets it, and so it can't be charged any more. */
    async detach(method: SavedMethod): Promise<VaultAnswer<undefined>> {
      if (method.detachedAt !== undefined) return { kind: 'ok', value: undefined };
      const open = await vaultAt(method.channelConfigId, method.customerId);
      const answer =
        open === undefined
          ? ({ kind: 'not_found' } as const)
          : await open.vault.detachMethod(open.call, method.providerRef);
      // What the channel does not have needs no detaching there.
      if (answer.kind !== 'ok' && answer.kind !== 'not_found') return answer;
      await markDetached(database, method.id);
      return { kind: 'ok', value: undefined };
    },
  };

  async function vaultAt(channelConfigId: string, customerId: string): Promise<OpenVault | undefined> {
    const channel = await deps.channelOf(channelConfigId);
    const vault = channel?.provider.vault;
    if (channel === undefined || vault === undefined) return undefined;
    const correlationId = publicId('customer', customerId);
    return { vault, call: { config: channel.config, timeoutMs: deps.timeoutMs, correlationId } };
  }

  async function syncAccount(account: CustomerAccount): Promise<boolean> {
    const open = await vaultAt(account.channelConfigId, account.customerId);
    if (open === undefined) return true;
    const listed = await open.vault.listMethods(open.call, account.providerRef);
    if (listed.kind === 'declined' || listed.kind === 'unavailable') {
      const { code } = listed.error;
      deps.log.warn({ channelConfigId: account.channelConfigId, code }, 'kept methods could not be read');
      return false;
    }
    const methods = listed.kind === 'ok' ? listed.value : [];
    await putSavedMethods(
      database,
      account,
      methods.map((method) => ({ ...method, id: deps.newId() })),
    );
    return true;
  }

  function profileOf(customerId: string, sealed: Buffer): CustomerProfile {
    return JSON.parse(deps.openText(sealed, customerProfilePlace(customerId))) as CustomerProfile;
  }
}

export type CustomerKeeping = ReturnType<typeof createCustomerKeeping>;
