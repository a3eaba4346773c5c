import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { ConfigDocument, Json } from '../../../domain/config/document';
import { notJson, readAs } from '../../unreadable';
import type { DeliveryEvent, DeliveryVerdict, DeliveryWebhook, RawDelivery } from '../messaging-provider';
import { eventSchema, referenceArg, type SendgridEvent } from './messages';

/** SendGrid repeats a refused delivery for a day with its first signature's time; so old may news be. */
const ageSecondsMax = 86_400;
const aheadSecondsMax = 300;
const eventsMax = 10_000;

const signatureHeader = 'x-twilio-email-event-webhook-signature';
const timestampHeader = 'x-twilio-email-event-webhook-timestamp';

/** The signed event webhook: ECDSA over the timestamp and the body, with node's own crypto. */
export const sendgridWebhook: DeliveryWebhook = {
  kind: 'SENDGRID',
  verify(configuration, delivery) {
    return refuseSignature(configuration, delivery) ?? readEvents(delivery.body);
  },
};

function refuseSignature(
  configuration: ConfigDocument,
  { headers, body, receivedAt }: RawDelivery,
): DeliveryVerdict | undefined {
  const signature = headers[signatureHeader];
  const timestamp = headers[timestampHeader];
  if (!signature || !timestamp) return { kind: 'forged', reason: 'no signature' };
  const keys = [configuration['webhookPublicKey'], configuration['previousWebhookPublicKey']].flatMap(
    (text) => keyOf(text) ?? [],
  );
  const signed = Buffer.concat([Buffer.from(timestamp, 'utf8'), body]);
  const bytes = Buffer.from(signature.slice(0, 200), 'base64');
  if (!keys.some((key) => verify('sha256', signed, key, bytes))) {
    return { kind: 'forged', reason: 'no active key made this signature' };
  }
  // Only now: whether a forged message is stale is nobody's business.
  const ageSeconds = receivedAt.getTime() / 1_000 - Number(timestamp);
  const isStale = !(ageSeconds <= ageSecondsMax && ageSeconds >= -aheadSecondsMax);
  return isStale ? { kind: 'stale', reason: 'signed too long ago or ahead' } : undefined;
}

/** As SendGrid shows it: base64 of a public key's DER. Undefined if it is none, which then verifies nothing. */
function keyOf(text: Json | undefined): KeyObject | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ec' ? key : undefined;
  } catch {
    return undefined;
  }
}

function readEvents(body: Buffer): DeliveryVerdict {
  const json = parseJson(body);
  if (json === undefined) return notJson;
  const read = readAs('the list of events', z.array(eventSchema).max(eventsMax), json);
  if (read.kind === 'malformed') return read;
  return { kind: 'verified', events: read.data.flatMap((event) => news(event) ?? []) };
}

function news(event: SendgridEvent): DeliveryEvent | undefined {
  // What SendGrid calls a message's id has more behind the first point, which the answer did not tell.
  const providerRef = event.sg_message_id.split('.')[0] ?? '';
  const fate = fateOf(event, providerRef);
  if (fate === undefined) return undefined;
  return {
    eventId: event.sg_event_id,
    reference: event[referenceArg],
    providerRef,
    fate,
    occurredAt: new Date(event.timestamp * 1_000).toISOString(),
  };
}

/** Undefined: genuine, and no news of the delivery (opened, clicked, unsubscribed). */
function fateOf(event: SendgridEvent, providerRef: string): DeliveryEvent['fate'] | undefined {
  switch (event.event) {
    case 'processed':
    case 'deferred':
      return { kind: 'sent', providerRef };
    case 'delivered':
      return { kind: 'delivered', providerRef };
    case 'bounce':
      return undelivered(providerRef, 'bounced', 'The mail came back.', event.status ?? undefined);
    case 'dropped':
      return undelivered(providerRef, 'dropped', 'SendGrid did not try to deliver it.');
    default:
      return undefined;
  }
}

/** The provider's own sentence often quotes the address: it is not kept. */
function undelivered(
  providerRef: string,
  code: string,
  message: string,
  rawCode?: string,
): DeliveryEvent['fate'] {
  const error = { code, message, ...(rawCode === undefined ? {} : { rawCode }) };
  return { kind: 'undelivered', providerRef, error };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
