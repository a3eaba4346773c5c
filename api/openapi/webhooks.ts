import { callbackTypes } from '../../domain/callback-types';

/**
 * What is not a declared route: the addresses providers call, each in its own format, and the callback that
 * merchants are called with.
 */
const acceptance = {
  '200': { description: "Kept. The body is the provider's own word for that." },
  '400': {
    description: '`webhook_malformed`: it can not be read; the message says where. Nothing was kept.',
  },
  '401': { description: 'The signature is missing, wrong or too old, or the address may not send.' },
  '404': {
    description:
      '`webhook_unknown`: there is no such channel configuration; the message says what is missing.',
  },
  '503': { description: 'It could not be kept: the provider should repeat it.' },
};

const receive = (operationId: string, summary: string, parameters: unknown[]) => ({
  post: {
    operationId,
    tags: ['Webhooks'],
    summary,
    security: [],
    parameters,
    requestBody: { required: true, content: { '*/*': { schema: {} } } },
    responses: acceptance,
  },
});

const named = (place: 'path' | 'query', names: string[]) =>
  names.map((name) => ({ name, in: place, required: true, schema: { type: 'string' } }));

export const webhookPaths = {
  '/api/v1/webhooks/{channel}/{channelConfigId}': receive(
    'receiveWebhook',
    'Where a channel sends its events',
    named('path', ['channel', 'channelConfigId']),
  ),
  '/api/v1/payments/callback': receive(
    'receivePaymentCallback',
    'The same, for providers that want a fixed path',
    named('query', ['channel', 'config']),
  ),
  '/api/v1/payments/notify': receive(
    'receivePaymentNotice',
    'The same, for providers that want a fixed path',
    named('query', ['channel', 'config']),
  ),
};

/** The other direction: what a merchant's callback address receives. */
export const merchantWebhooks = {
  paymentEvent: {
    post: {
      operationId: 'paymentEvent',
      tags: ['Webhooks'],
      summary: "A payment has changed: sent to the merchant's callback address",
      description:
        'At least once and in no certain order: `id` tells repeats, `data.payment` is the whole payment, and of two ' +
        'events the one with the greater `sequence` is the newer. The header `Durapay-Signature: t=…,v1=…` holds the ' +
        'HMAC-SHA256 of `{t}.{body}` under the callback secret, once per valid secret. Answer with any 2xx; ' +
        'everything else is repeated.',
      security: [],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['id', 'object', 'type', 'mode', 'sequence', 'createdAt', 'data'],
              properties: {
                id: { type: 'string', pattern: '^evt_[0-9a-f]{32}$' },
                object: { const: 'event' },
                type: { type: 'string', examples: Object.keys(callbackTypes) },
                mode: { type: 'string', enum: ['test', 'live'] },
                sequence: { type: 'integer', minimum: 1 },
                createdAt: { type: 'string', format: 'date-time' },
                data: {
                  type: 'object',
                  required: ['payment'],
                  properties: {
                    payment: { $ref: '#/components/schemas/Payment' },
                    refund: { $ref: '#/components/schemas/Refund' },
                    lateMoney: {
                      type: 'object',
                      required: ['suspenseId', 'amount', 'currency', 'reason'],
                      properties: {
                        suspenseId: { type: 'string', pattern: '^sus_[0-9a-f]+$' },
                        amount: { type: 'string' },
                        currency: { type: 'string' },
                        reason: { type: 'string', enum: ['late', 'second_success', 'amount_mismatch'] },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
      responses: { '2XX': { description: 'Received.' } },
    },
  },
};
