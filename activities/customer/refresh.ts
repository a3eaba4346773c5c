import type { CustomerProfile } from '../../domain/customer/outcome';
import { lowestIdAt } from '../../db/ids';
import {
  findCustomerAccount,
  removeCustomerAccount,
  type CustomerAccount,
} from '../../db/stores/customer-accounts-store';
import { customerProfilePlace, findCustomer, putCustomerProfile } from '../../db/stores/customers-store';
import { putSavedMethods } from '../../db/stores/saved-methods-store';
import { ignoreArrivals, settleAsApplied } from '../../db/stores/webhook-inbox-store';
import { inTransaction } from '../../db/transaction';
import { failure } from '../failures';
import type { CustomerDeps, CustomerKeeping } from './keeping';

/** A channel's word that something about a customer has changed: what, has to be asked for. */
export interface CustomerNews {
  inboxId: string;
  channelConfigId: string;
  customerRef: string;
}

/** News that nobody could follow up for so long is let go: the next reading of the methods brings it anyway. */
const followedUpForMs = 86_400_000;

/** Brings a customer and their methods to what the channel says now. What fails is tried again by the sweep. */
export function createRefreshCustomer(deps: CustomerDeps & { customers: Pick<CustomerKeeping, 'vaultAt'> }) {
  const { database } = deps;

  return async function refreshCustomer(news: CustomerNews): Promise<void> {
    const { inboxId, channelConfigId, customerRef } = news;
    const account = await findCustomerAccount(database, { channelConfigId, providerRef: customerRef });
    const open = account && (await deps.customers.vaultAt(channelConfigId, account.customerId));
    const isOld = inboxId < lowestIdAt(new Date(Date.now() - followedUpForMs));
    if (account === undefined || open === undefined || isOld) return ignoreArrivals(database, [inboxId]);

    const [customer, methods] = await Promise.all([
      open.vault.readCustomer(open.call, customerRef),
      open.vault.listMethods(open.call, customerRef),
    ]);
    if (customer.kind === 'not_found') return forget(account, inboxId);
    if (customer.kind !== 'ok' || methods.kind !== 'ok') {
      throw failure('AnswerUnknown', 'The channel did not say what it knows of a customer.');
    }
    await inTransaction(database, async (transaction) => {
      const profile = await merged(account, customer.value.profile);
      if (profile !== undefined) await putCustomerProfile(transaction, account.customerId, profile);
      await putSavedMethods(
        transaction,
        account,
        methods.value.map((method) => ({ ...method, id: deps.newId() })),
      );
      await settleAsApplied(transaction, [inboxId]);
    });
  };

  function forget(account: CustomerAccount, inboxId: string): Promise<void> {
    return inTransaction(database, async (transaction) => {
      await removeCustomerAccount(transaction, account);
      await settleAsApplied(transaction, [inboxId]);
    });
  }

  /** What the channel knows holds; what it does not say is left as it was. Undefined: nothing is new. */
  async function merged({ customerId }: CustomerAccount, told: CustomerProfile): Promise<Buffer | undefined> {
    const customer = await findCustomer(database, { role: 'admin' }, customerId);
    if (customer === undefined) return undefined;
    const place = customerProfilePlace(customerId);
    const known = deps.openText(customer.profile, place);
    const now = JSON.stringify({ ...(JSON.parse(known) as CustomerProfile), ...told });
    return now === known ? undefined : deps.seal(now, place);
  }
}

export type RefreshCustomer = ReturnType<typeof createRefreshCustomer>;
