import type { ChannelError, ChargeOutcome } from '../../domain/payment/outcome';
import type { PaymentRequest } from '../../domain/payment/request';
import { wasBegun } from '../../db/stores/begun-attempts-store';
import { findSavedMethod } from '../../db/stores/saved-methods-store';
import type { Database } from '../../db/pool';
import type { ChargeOfCustomer } from '../../integrations/channels/payment-provider';
import type { CustomerKeeping } from './keeping';

export type CustomerPart =
  | { kind: 'ready'; customer?: ChargeOfCustomer }
  /** The charge was not begun, and this is what became of it. */
  | { kind: 'ended'; outcome: ChargeOutcome };

export type FindCustomerPart = (
  request: PaymentRequest,
  attempt: { attemptNo: number; channelConfigId: string },
) => Promise<CustomerPart>;

/** What a charge has to do with a customer whom the channel keeps; only asked for payments that say so. */
export function createFindCustomerPart(deps: {
  database: Database;
  customers: Pick<CustomerKeeping, 'accountAt'>;
}): FindCustomerPart {
  return async function findCustomerPart(request, { attemptNo, channelConfigId }) {
    const { savedMethod, saveMethodFor, paymentId, merchantId, mode } = request;
    // Who tries again after a channel's word on it has the customer with them; until then nobody is there.
    if (savedMethod !== undefined && !(await wasBegun(deps.database, { paymentId, before: attemptNo }))) {
      const scope = { role: 'merchant', merchantId, mode } as const;
      const method = await findSavedMethod(deps.database, scope, { id: savedMethod.id });
      const isThere = method?.detachedAt === undefined && method?.channelConfigId === channelConfigId;
      if (method === undefined || !isThere) return ended({ kind: 'declined', error: gone });
      return {
        kind: 'ready',
        customer: { customerRef: method.customerRef, methodRef: method.providerRef },
      };
    }
    return saveMethodFor === undefined ? { kind: 'ready' } : toBeKept(saveMethodFor, channelConfigId);
  };

  async function toBeKept(customerId: string, channelConfigId: string): Promise<CustomerPart> {
    const account = await deps.customers.accountAt(customerId, channelConfigId);
    switch (account.kind) {
      case 'ok':
        return { kind: 'ready', customer: { customerRef: account.value.providerRef } };
      case 'not_found':
        // The channel of a later attempt may keep nothing: then nothing is kept.
        return { kind: 'ready' };
      case 'declined':
        return ended({ kind: 'unavailable', error: account.error });
      case 'unavailable':
        return ended({ kind: 'unknown', error: account.error });
    }
  }
}

function ended(outcome: ChargeOutcome): CustomerPart {
  return { kind: 'ended', outcome };
}

const gone: ChannelError = {
  code: 'saved_method_gone',
  message: 'The payment method is not kept any more: let the customer pay with another one.',
};
