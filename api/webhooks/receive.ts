import express, { type Request, type RequestHandler, type Response } from 'express';
import { parsePublicId } from '../../domain/ids';
import type { ChannelEvent } from '../../domain/payment/outcome';
import { attemptReference, parseAttemptReference } from '../../domain/payment/reference';
import { toldMoney } from '../../domain/payment/told-money';
import type { Database } from '../../db/pool';
import { storable } from '../../db/storable';
import { findChargedAttempt } from '../../db/stores/charges-store';
import { receive, type UnsettledArrival } from '../../db/stores/webhook-inbox-store';
import type {
  ChannelConfig,
  ChannelWebhook,
  WebhookAnswer,
} from '../../integrations/channels/payment-provider';
import type { Log } from '../../telemetry/log';
import { place, type Mount } from '../app';
import { fail, presentError, type ErrorCode } from '../errors';
import { classifyUnexpected } from '../unexpected-errors';
import { isAllowed } from './ip-allow-list';

export interface WebhookChannel {
  webhook: ChannelWebhook;
  config: ChannelConfig;
  ipsAllowed: readonly string[];
}

export interface WebhookDeps {
  database: Database;
  channelOf(channelConfigId: string): Promise<WebhookChannel | undefined>;
  /** Signals the payment; nobody waits for it, and what fails is found by the sweep. */
  deliverEvent(arrival: UnsettledArrival): Promise<void>;
  log: Log;
  publicUrl: string;
  bodyBytesMax: number;
  newId(): string;
  counted(outcome: string, channel: string): void;
}

/**
 * Where providers tell what happened: address checked, signature checked, committed to the inbox, acknowledged
 * in the provider's own words, and only then signalled. Once acknowledged an event can't be lost.
 */
export function createWebhooks(deps: WebhookDeps): Mount {
  const readRaw = express.raw({ type: () => true, limit: deps.bodyBytesMax, inflate: false });
  const at = (find: (request: Request) => { channel: unknown; config: unknown }): RequestHandler[] => [
    readRaw,
    (request, response) => receiveOne(deps, request, response, find(request)),
  ];
  const byQuery = at(({ query }) => ({ channel: query.channel, config: query.config }));
  const byPath = at(({ params }) => ({ channel: params.channel, config: params.config }));
  return (app, under) => {
    place(app, 'post', `${under}/webhooks/:channel/:config`, ...byPath);
    place(app, 'post', `${under}/payments/callback`, ...byQuery);
    place(app, 'post', `${under}/payments/notify`, ...byQuery);
  };
}

async function receiveOne(
  deps: WebhookDeps,
  request: Request,
  response: Response,
  named: { channel: unknown; config: unknown },
): Promise<void> {
  try {
    const answer = await accept(deps, request, named);
    response.status(answer.status).setHeader('Content-Type', answer.contentType);
    response.end(answer.body);
  } catch (error) {
    const known = classifyUnexpected(error);
    const { requestId } = response.locals as { requestId: string };
    if (known.status >= 500) deps.log.error({ err: error, requestId }, 'a webhook could not be taken in');
    const { status, headers, body } = presentError(known, { requestId, publicUrl: deps.publicUrl });
    response.status(status).set(headers).json(body);
  }
}

/** The channel whose address it is, or what is wrong with the address; it is for who set it up at the provider. */
async function channelAt(
  { channelOf }: WebhookDeps,
  { channel, config }: { channel: unknown; config: unknown },
): Promise<WebhookChannel> {
  const missing = [
    ...(channel ? [] : ['`channel`, the name of a channel']),
    ...(config ? [] : [wantsConfig]),
  ];
  if (missing.length > 0) throw unknown(`The address lacks ${missing.join(', and ')}.`);
  const configId = parsePublicId('channelConfig', String(config));
  if (configId === undefined) throw unknown('`config` is no id of a configuration (chc_…).');
  const found = await channelOf(configId);
  if (found === undefined) throw unknown('No channel is configured under this `config`.');
  if (found.webhook.name !== channel) throw unknown('`config` is of another channel than `channel`.');
  return found;
}

const wantsConfig = '`config`, the id of its configuration (chc_…)';

function unknown(message: string): Error {
  return fail('webhook_unknown', { message });
}

async function accept(
  deps: WebhookDeps,
  request: Request,
  named: { channel: unknown; config: unknown },
): Promise<WebhookAnswer> {
  const found = await channelAt(deps, named);
  const { webhook, config } = found;
  const refuse = (code: ErrorCode, outcome: string, message: string): Error => {
    deps.counted(outcome, webhook.name);
    deps.log.warn({ channel: webhook.name, outcome, ip: request.ip }, message);
    return fail(code, { message });
  };

  if (!isAllowed(request.ip, found.ipsAllowed)) {
    throw refuse('webhook_refused', 'wrong_address', 'This address may not send events for this channel.');
  }
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const verdict = webhook.verify(config, { headers: headersOf(request), body, receivedAt: new Date() });
  switch (verdict.kind) {
    case 'forged':
    case 'stale':
      throw refuse('webhook_refused', verdict.kind, verdict.reason);
    case 'malformed':
      throw refuse('webhook_malformed', verdict.kind, verdict.reason);
    case 'irrelevant':
      await receive(deps.database, {
        id: deps.newId(),
        channelConfigId: config.id,
        providerEventId: storable(verdict.eventId),
        body: verdict.bodyKept ?? body,
      });
      deps.counted('irrelevant', webhook.name);
      return webhook.acknowledgement;
    case 'verified': {
      const id = deps.newId();
      const event = await withReference(deps, config.id, storable(verdict.event));
      const matters = isNews(event);
      const received = await receive(deps.database, {
        id,
        channelConfigId: config.id,
        providerEventId: event.eventId,
        attempt: parseAttemptReference(event.reference ?? ''),
        refundId: event.about === 'refund' ? parsePublicId('refund', event.reference ?? '') : undefined,
        event: matters ? event : undefined,
        body: verdict.bodyKept ?? body,
      });
      const isUnknown = received !== undefined && received.address === undefined;
      const unknown = isUnknown ? toldMoney(event) : undefined;
      if (unknown !== undefined) {
        const { reference, charge } = unknown;
        const { name: channel } = webhook;
        deps.log.error(
          { channel, channelConfig: named.config, reference, ...charge, inboxId: id },
          'money was told for an attempt that this channel was never given; the event is kept for a day',
        );
      }
      const outcome = unknown === undefined ? 'received' : 'unknown_attempt';
      deps.counted(received === undefined ? 'repeated' : outcome, webhook.name);
      if (received !== undefined && matters)
        signal(deps, { inboxId: id, channelConfigId: config.id, event, ...received });
      return webhook.acknowledgement;
    }
  }
}

/**
 * A provider that disputes its own charge does not say which attempt that was. Where the charge is not on the books
 * yet, the event is kept, and looked at again by the sweep.
 */
async function withReference(
  { database }: WebhookDeps,
  channelConfigId: string,
  event: ChannelEvent,
): Promise<ChannelEvent> {
  if (event.about !== 'dispute' || event.reference !== undefined || event.chargeRef === undefined)
    return event;
  const attempt = await findChargedAttempt(database, { channelConfigId, providerRef: event.chargeRef });
  return attempt === undefined
    ? event
    : { ...event, reference: attemptReference(attempt.paymentId, attempt.attemptNo) };
}

/**
 * "Still open" and "don't know" change nothing; they are kept, and nobody is woken for them. Open with something to
 * do is news: the customer may have been given a number to pay by.
 */
function isNews(event: ChannelEvent): boolean {
  if (event.about === 'dispute' || event.about === 'customer') return true;
  if (event.about === 'charge' && event.status.kind === 'open') return event.status.nextAction !== undefined;
  return event.status.kind !== 'open' && event.status.kind !== 'unknown' && event.status.kind !== 'pending';
}

function signal(deps: WebhookDeps, arrival: UnsettledArrival): void {
  deps.deliverEvent(arrival).catch((error: unknown) => {
    deps.log.warn({ err: error, inboxId: arrival.inboxId }, 'an event was not delivered; the sweep will');
  });
}

function headersOf(request: Request): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : value,
    ]),
  );
}
