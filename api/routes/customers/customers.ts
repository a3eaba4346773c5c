import type { Database } from '../../../db/pool';
import {
  customerProfilePlace,
  findCustomer,
  insertCustomer,
  listCustomers,
  type CustomerRow,
} from '../../../db/stores/customers-store';
import type { CustomerProfile } from '../../../domain/customer/outcome';
import { presentCustomer, type PublicCustomer } from '../../../domain/customer/present';
import type { SecretBox } from '../../../security/secret-box';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { listOf, toList } from '../../schemas/list';
import { createCustomerBody, customerBody, customerParams, customersQuery } from './messages';
import { savedMethodRoutes, type SavedMethodRoutesDeps } from './saved-methods';

export interface CustomerRoutesDeps extends SavedMethodRoutesDeps {
  database: Database;
  secretBox: SecretBox;
}

/** A merchant's own customers: who they are, and what channels keep for them. */
export function customerRoutes(deps: CustomerRoutesDeps): Route[] {
  const create = defineRoute({
    operationId: 'createCustomer',
    method: 'post',
    path: '/customers',
    tag: 'Customers',
    summary: 'Keep a customer',
    description:
      'A channel hears of them with the first payment whose method is to be saved. Send an Idempotency-Key, or a customerNo: then repeating the request makes one customer.',
    auth: 'merchant',
    body: createCustomerBody,
    responses: { 201: { description: 'The customer.', body: customerBody } },
    errors: ['already_exists'],
    handler: async ({ caller, body, idempotency }) => {
      const { customerNo, ...profile } = body;
      const id = idempotency.resourceId;
      const { merchantId, mode } = caller;
      const row = await insertCustomer(deps.database, {
        ...{ id, merchantId, mode, customerNo },
        profile: deps.secretBox.seal(JSON.stringify(profile), customerProfilePlace(id)),
      });
      if (row === undefined) return fail('already_exists', { param: 'customerNo' });
      return { status: 201, body: present(row) };
    },
  });

  const get = defineRoute({
    operationId: 'getCustomer',
    method: 'get',
    path: '/customers/{customerId}',
    tag: 'Customers',
    summary: 'Read a customer',
    auth: 'merchant',
    params: customerParams,
    responses: { 200: { description: 'The customer.', body: customerBody } },
    errors: ['not_found'],
    handler: async ({ caller, params }) => {
      const row = await findCustomer(deps.database, caller, params.customerId);
      return row === undefined ? fail('not_found') : { status: 200, body: present(row) };
    },
  });

  const list = defineRoute({
    operationId: 'listCustomers',
    method: 'get',
    path: '/customers',
    tag: 'Customers',
    summary: 'List customers, newest first',
    auth: 'merchant',
    query: customersQuery,
    responses: { 200: { description: 'One page of customers.', body: listOf(customerBody) } },
    errors: [],
    handler: async ({ caller, query }) => {
      const rows = await listCustomers(deps.database, caller, query);
      return { status: 200, body: toList(rows, query.limit, present) };
    },
  });

  function present(row: CustomerRow): PublicCustomer {
    const clear = deps.secretBox.openText(row.profile, customerProfilePlace(row.id));
    return presentCustomer({ ...row, profile: JSON.parse(clear) as CustomerProfile });
  }

  return [create, get, list, ...savedMethodRoutes(deps)];
}
