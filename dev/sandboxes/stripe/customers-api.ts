import { json, type Answer } from '../parts/http-answers';
import { metadataOf, missing, refusedEmpty, type ApiDependencies, type Asked, type Endpoint } from './asked';
import { customerMessage, methodMessage } from './customer-messages';
import { pageOf } from './messages';

export const customerEndpoints: Endpoint[] = [
  { operation: 'customer', method: 'POST', pattern: /^\/v1\/customers$/, answer: create },
  { operation: 'query', method: 'GET', pattern: /^\/v1\/customers\/([^/]+)$/, answer: retrieve },
  { operation: 'customer', method: 'POST', pattern: /^\/v1\/customers\/([^/]+)$/, answer: update },
  { operation: 'query', method: 'GET', pattern: /^\/v1\/payment_methods$/, answer: listMethods },
  {
    operation: 'customer',
    method: 'POST',
    pattern: /^\/v1\/payment_methods\/([^/]+)\/detach$/,
    answer: detach,
  },
];

function create({ customers }: ApiDependencies, { form, key }: Asked): Answer {
  const refusal = refusedEmpty(form);
  if (refusal !== undefined) return refusal;
  const customer = customers.create(key, {
    name: form.get('name'),
    email: form.get('email'),
    phone: form.get('phone'),
    metadata: metadataOf(form),
  });
  return json(200, customerMessage(customer));
}

function retrieve({ customers }: ApiDependencies, { id }: Asked): Answer {
  const customer = customers.find(id);
  return customer ? json(200, customerMessage(customer)) : missing('customer', id);
}

function update({ customers, teller }: ApiDependencies, { id, form }: Asked): Answer {
  const customer = customers.find(id);
  if (customer === undefined) return missing('customer', id);
  const changes = Object.fromEntries(
    ['name', 'email', 'phone'].flatMap((name) => (form.has(name) ? [[name, form.get(name)]] : [])),
  );
  customers.update(customer, changes);
  teller.tellCustomer('customer.updated', customer);
  return json(200, customerMessage(customer));
}

function listMethods({ customers }: ApiDependencies, { query }: Asked): Answer {
  const id = query.get('customer') ?? '';
  if (customers.find(id) === undefined) return missing('customer', id, 'customer');
  return json(200, pageOf(customers.methodsOf(id).map(methodMessage), query, '/v1/payment_methods'));
}

function detach({ customers, teller }: ApiDependencies, { id }: Asked): Answer {
  const method = customers.method(id);
  const customer = method?.customer ?? null;
  if (method === undefined || customer === null) return missing('PaymentMethod', id);
  customers.detach(method);
  teller.tellMethod('payment_method.detached', method, customer);
  return json(200, methodMessage(method));
}
