import type { Database } from '../../../db/pool';
import { findCustomer } from '../../../db/stores/customers-store';
import { findSavedMethod } from '../../../db/stores/saved-methods-store';
import type { PaymentRequest } from '../../../domain/payment/request';
import type { MerchantCaller } from '../../caller';
import { fail, type ApiError } from '../../errors';

export interface KeptInBody {
  savedMethod?: string;
  saveMethodFor?: string;
}

export type Kept = Pick<PaymentRequest, 'saveMethodFor'> & {
  savedMethod: PaymentRequest['savedMethod'];
};

/** What a payment has to do with kept methods; a payment that says nothing of them costs no look at the database. */
export async function readKept(
  database: Database,
  caller: MerchantCaller,
  { savedMethod: id, saveMethodFor }: KeptInBody,
): Promise<Kept | ApiError<'parameter_invalid' | 'saved_method_gone'>> {
  if (id !== undefined) {
    const method = await findSavedMethod(database, caller, { id });
    if (method === undefined) return unknown('savedMethod', 'There is no such payment method.');
    if (method.detachedAt !== undefined) return fail('saved_method_gone', { param: 'savedMethod' });
    return { savedMethod: { id, channelConfigId: method.channelConfigId } };
  }
  if (saveMethodFor === undefined) return { savedMethod: undefined };
  const customer = await findCustomer(database, caller, saveMethodFor);
  return customer === undefined
    ? unknown('saveMethodFor', 'There is no such customer.')
    : { savedMethod: undefined, saveMethodFor };
}

function unknown(param: string, message: string) {
  return fail('parameter_invalid', { param, message });
}
