import { validateRequest } from 'twilio/lib/webhooks/webhooks';
import type { ConfigDocument } from '../../../domain/config/document';
import { readAs } from '../../unreadable';
import type { DeliveryVerdict, DeliveryWebhook, RawDelivery } from '../messaging-provider';
import { callbackSchema } from './messages';
import { fateOf } from './transformers';

/** Status callbacks, signed over address and form. They carry no time: repeated ones change nothing. */
export const twilioWebhook: DeliveryWebhook = {
  kind: 'TWILIO',

  verify(configuration, delivery) {
    const signature = delivery.headers['x-twilio-signature'];
    if (!signature) return { kind: 'forged', reason: 'no signature' };
    const fields = Object.fromEntries(new URLSearchParams(delivery.body.toString('utf8')));
    const isGenuine = activeTokens(configuration).some((token) =>
      validateRequest(token, signature.slice(0, 200), delivery.url, fields),
    );
    if (!isGenuine) return { kind: 'forged', reason: 'no active token made this signature' };
    return readCallback(configuration, fields, delivery);
  },
};

function activeTokens({ authToken, previousAuthToken }: ConfigDocument): string[] {
  // An empty token would verify whatever an attacker signs with an empty one.
  return [authToken, previousAuthToken].filter(
    (token) => typeof token === 'string' && token !== '',
  ) as string[];
}

function readCallback(
  configuration: ConfigDocument,
  fields: Record<string, string>,
  { url, receivedAt }: RawDelivery,
): DeliveryVerdict {
  const read = readAs('the callback', callbackSchema, fields);
  if (read.kind === 'malformed') return read;
  const callback = read.data;
  if (callback.AccountSid !== configuration['accountSid']) {
    return { kind: 'forged', reason: "another account's callback" };
  }
  const { MessageSid: providerRef, MessageStatus: status, ErrorCode: errorCode } = callback;
  const fate = fateOf(providerRef, status, errorCode);
  if (fate.kind === 'unknown' || fate.kind === 'not_found') return { kind: 'verified', events: [] };
  const reference = new URL(url).searchParams.get('message') ?? undefined;
  return {
    kind: 'verified',
    // Twilio gives callbacks no id: a status happens to a message once.
    events: [
      {
        eventId: `${providerRef}/${status}`,
        reference,
        providerRef,
        fate,
        occurredAt: receivedAt.toISOString(),
      },
    ],
  };
}
