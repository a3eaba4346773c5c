import { newId } from '../../db/ids';
import { putCustomerAccount } from '../../db/stores/customer-accounts-store';
import { putSavedMethods } from '../../db/stores/saved-methods-store';
import { parsePublicId, publicId } from '../../domain/ids';
import type { TestApi } from './api';

/** A method that a channel of this test's own is said to keep for a customer; returns its public id. */
export async function addSavedMethod(
  api: Pick<TestApi, 'database' | 'addChannel'>,
  customer: { id: string },
  methodRef = `pm_${newId()}`,
): Promise<string> {
  const customerId = parsePublicId('customer', customer.id) ?? '';
  const channelConfigId = parsePublicId('channelConfig', await api.addChannel({ channel: 'stripe' })) ?? '';
  const account = { customerId, channelConfigId, providerRef: `cus_${newId()}` };
  await putCustomerAccount(api.database, account);
  const id = newId();
  await putSavedMethods(api.database, account, [
    { id, methodRef, kind: 'card', brand: 'visa', last4: '4242' },
  ]);
  return publicId('savedMethod', id);
}
