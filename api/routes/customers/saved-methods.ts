import type { Database } from '../../../db/pool';
import { findCustomer } from '../../../db/stores/customers-store';
import { findSavedMethod, listSavedMethods, type SavedMethod } from '../../../db/stores/saved-methods-store';
import type { VaultAnswer } from '../../../domain/customer/outcome';
import { presentSavedMethod } from '../../../domain/customer/present';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { toList } from '../../schemas/list';
import { customerParams, methodParams, methodsQuery, savedMethodBody, savedMethodList } from './messages';

export interface SavedMethodRoutesDeps {
  database: Database;
  customers: {
    /** Asks the channels; false where one did not answer. */
    syncMethods(customerId: string): Promise<boolean>;
    detach(method: SavedMethod): Promise<VaultAnswer<undefined>>;
  };
}

export function savedMethodRoutes(deps: SavedMethodRoutesDeps): Route[] {
  const list = defineRoute({
    operationId: 'listSavedMethods',
    method: 'get',
    path: '/customers/{customerId}/payment-methods',
    tag: 'Customers',
    summary: 'List the payment methods that channels keep for a customer',
    description:
      'Tokens of the channels, as they are there now; never card data. A payment names one as savedMethod.',
    auth: 'merchant',
    params: customerParams,
    query: methodsQuery,
    responses: { 200: { description: 'One page of methods, newest first.', body: savedMethodList } },
    errors: ['not_found'],
    handler: async ({ caller, params, query }) => {
      const customer = await findCustomer(deps.database, caller, params.customerId);
      if (customer === undefined) return fail('not_found');
      // A further page belongs to the list that the first one showed.
      const isCurrent = query.startingAfter !== undefined || (await deps.customers.syncMethods(customer.id));
      const rows = await listSavedMethods(deps.database, customer.id, query);
      return { status: 200, body: { ...toList(rows, query.limit, presentSavedMethod), isCurrent } };
    },
  });

  const detach = defineRoute({
    operationId: 'detachSavedMethod',
    method: 'delete',
    path: '/customers/{customerId}/payment-methods/{methodId}',
    tag: 'Customers',
    summary: 'Let a channel forget a payment method',
    description:
      'It can not be charged any more, and can not be brought back. Repeating the request is safe.',
    auth: 'merchant',
    params: methodParams,
    responses: { 200: { description: 'The method, detached.', body: savedMethodBody } },
    errors: ['not_found', 'channel_refused', 'channel_unreachable'],
    handler: async ({ caller, params }) => {
      const by = { id: params.methodId, customerId: params.customerId };
      const method = await findSavedMethod(deps.database, caller, by);
      if (method === undefined) return fail('not_found');
      const detached = await deps.customers.detach(method);
      if (detached.kind === 'declined') return fail('channel_refused', { message: detached.error.message });
      if (detached.kind === 'unavailable') return fail('channel_unreachable');
      const now = await findSavedMethod(deps.database, caller, by);
      return now === undefined ? fail('not_found') : { status: 200, body: presentSavedMethod(now) };
    },
  });

  return [list, detach];
}
