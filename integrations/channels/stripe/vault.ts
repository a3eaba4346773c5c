import type { ChannelCustomer, KeptMethod, VaultAnswer } from '../../../domain/customer/outcome';
import type { CallOutcome } from '../../call-outcome';
import type { CustomerVault } from '../customer-vault';
import { withinOneTime } from '../within-one-time';
import type { StripeAnswer, StripeClient } from './client';
import { failureError, refusal } from './errors';
import { customerSchema, methodSchema, pageSchema, referenceKey } from './messages';

const perPage = 100;
const pagesMax = 5;

/** Stripe's customers and the cards it keeps for them. */
export function stripeVault(client: StripeClient): CustomerVault {
  return {
    async createCustomer(call, { reference, ...profile }) {
      const made = await client.ask(call, 'create_customer', (stripe, options) =>
        stripe.customers.create(
          { ...profile, metadata: { [referenceKey]: reference } },
          { ...options, idempotencyKey: reference },
        ),
      );
      return answerOf(made, readCustomer);
    },

    async readCustomer(call, customerRef) {
      const found = await client.ask(call, 'read_customer', (stripe, options) =>
        stripe.customers.retrieve(customerRef, {}, options),
      );
      return answerOf(found, readCustomer);
    },

    async listMethods(each, customerRef) {
      const call = withinOneTime(each);
      const methods: KeptMethod[] = [];
      let last: string | undefined;
      for (let page = 0; page < pagesMax; page += 1) {
        const after = last === undefined ? {} : { starting_after: last };
        const answered = await client.ask(call, 'list_methods', (stripe, options) =>
          stripe.paymentMethods.list(
            { customer: customerRef, type: 'card', limit: perPage, ...after },
            options,
          ),
        );
        const turned = answerOf(answered, readPage);
        if (turned.kind !== 'ok') return turned;
        methods.push(...turned.value.methods);
        if (!turned.value.hasMore) return { kind: 'ok', value: methods };
        last = turned.value.methods.at(-1)?.methodRef;
        if (last === undefined) break;
      }
      // Five hundred cards are nobody's: what is beyond them is not looked at.
      return { kind: 'ok', value: methods };
    },

    async detachMethod(call, methodRef) {
      const detached = await client.ask(call, 'detach_method', (stripe, options) =>
        stripe.paymentMethods.detach(methodRef, {}, options),
      );
      return answerOf(detached, (body) =>
        methodSchema.safeParse(body).success ? { read: undefined } : undefined,
      );
    },
  };
}

/** `read` gives nothing for a body that is not what was asked for. */
function answerOf<Value>(
  outcome: CallOutcome<StripeAnswer>,
  read: (body: unknown) => { read: Value } | 'gone' | undefined,
): VaultAnswer<Value> {
  switch (outcome.kind) {
    case 'ok': {
      const found = read(outcome.value.body);
      if (found === 'gone') return { kind: 'not_found' };
      if (found !== undefined) return { kind: 'ok', value: found.read };
      const message = 'Stripe sent something else than what was asked for.';
      return { kind: 'unavailable', error: { code: 'answer_unreadable', message } };
    }
    case 'declined':
      return outcome.code === 'resource_missing'
        ? { kind: 'not_found' }
        : { kind: 'declined', error: refusal(outcome.code, 'request_rejected') };
    case 'retryable':
    case 'misconfigured':
    case 'unknown':
      return { kind: 'unavailable', error: failureError(outcome) };
  }
}

function readCustomer(body: unknown): { read: ChannelCustomer } | 'gone' | undefined {
  const customer = customerSchema.safeParse(body).data;
  if (customer === undefined) return undefined;
  if (customer.deleted === true) return 'gone';
  const { id, name, email, phone } = customer;
  const profile = {
    ...(name ? { name } : {}),
    ...(email ? { email } : {}),
    ...(phone ? { phone } : {}),
  };
  return { read: { customerRef: id, profile } };
}

function readPage(body: unknown): { read: { methods: KeptMethod[]; hasMore: boolean } } | undefined {
  const page = pageSchema.safeParse(body).data;
  if (page === undefined) return undefined;
  const methods = page.data.map((item) => methodSchema.safeParse(item).data);
  if (methods.some((method) => method === undefined)) return undefined;
  return {
    read: {
      hasMore: page.has_more,
      methods: methods.flatMap((method) => (method === undefined ? [] : [keptMethod(method)])),
    },
  };
}

function keptMethod({ id, card }: NonNullable<ReturnType<typeof methodSchema.parse>>): KeptMethod {
  const { brand, last4, exp_month: expiresMonth, exp_year: expiresYear } = card;
  return { methodRef: id, kind: 'card', brand, last4, expiresMonth, expiresYear };
}
