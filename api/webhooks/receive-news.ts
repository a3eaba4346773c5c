import express, { type Request, type Response } from 'express';
import type { MessageStatus } from '../../domain/message/status';
import { storable } from '../../db/storable';
import type { ConfigDocument } from '../../domain/config/document';
import { parsePublicId } from '../../domain/ids';
import type { DeliveryVerdict, DeliveryWebhook } from '../../integrations/messaging/messaging-provider';
import type { ConfiguredService } from '../../integrations/services/service-adapter';
import type { Log } from '../../telemetry/log';
import { place, type Mount } from '../app';
import { fail, presentError, type ErrorCode } from '../errors';
import { classifyUnexpected } from '../unexpected-errors';
import { isAllowed } from './ip-allow-list';

export interface NewsDeps {
  serviceOf(id: string): Promise<{ service: ConfiguredService } | undefined>;
  webhookOf(kind: string): DeliveryWebhook | undefined;
  /** Undefined: it concerns no message of ours. `repeated`: it was here before, or changes nothing. */
  takeNews(
    service: { id: string; name: string },
    event: Extract<DeliveryVerdict, { kind: 'verified' }>['events'][number],
  ): Promise<MessageStatus | 'repeated' | undefined>;
  log: Log;
  publicUrl: string;
  bodyBytesMax: number;
  counted(outcome: string, service: string): void;
}

/**
 * Where providers of mail and SMS tell how a delivery went: signature checked, written down, and only then
 * acknowledged. What is written changes the message at once; nothing else waits for it.
 */
export function createNewsWebhooks(deps: NewsDeps): Mount {
  const readRaw = express.raw({ type: () => true, limit: deps.bodyBytesMax, inflate: false });
  return (app, under) =>
    place(app, 'post', `${under}/webhooks/messages/:service`, readRaw, (request, response) =>
      receive(deps, request, response),
    );
}

async function receive(deps: NewsDeps, request: Request, response: Response): Promise<void> {
  try {
    await accept(deps, request);
    response.status(200).setHeader('Content-Type', 'text/plain').end();
  } catch (error) {
    const known = classifyUnexpected(error);
    const { requestId } = response.locals as { requestId: string };
    if (known.status >= 500)
      deps.log.error({ err: error, requestId }, 'news of a message could not be taken in');
    const { status, headers, body } = presentError(known, { requestId, publicUrl: deps.publicUrl });
    response.status(status).set(headers).json(body);
  }
}

async function accept(deps: NewsDeps, request: Request): Promise<void> {
  const serviceId = parsePublicId('service', String(request.params.service));
  const ready = serviceId === undefined ? undefined : await deps.serviceOf(serviceId);
  const webhook = ready && deps.webhookOf(ready.service.kind);
  if (ready === undefined || webhook === undefined) {
    const message = 'This address ends in no id of a service (svc_…) that is told how its messages went.';
    throw fail('webhook_unknown', { message });
  }
  const { id, name, configurations } = ready.service;
  const refuse = (code: ErrorCode, outcome: string, message: string): Error => {
    deps.counted(outcome, name);
    deps.log.warn({ service: name, outcome, ip: request.ip }, message);
    return fail(code, { message });
  };
  if (!isAllowed(request.ip, ipsAllowedOf(configurations))) {
    throw refuse('webhook_refused', 'wrong_address', 'This address may not send news for this service.');
  }
  const verdict = webhook.verify(configurations, {
    headers: request.headers as Record<string, string | undefined>,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    url: deps.publicUrl + request.originalUrl,
    receivedAt: new Date(),
  });
  if (verdict.kind !== 'verified') {
    const code = verdict.kind === 'malformed' ? 'webhook_malformed' : 'webhook_refused';
    throw refuse(code, verdict.kind, verdict.reason);
  }
  for (const event of verdict.events) {
    const outcome = await deps.takeNews({ id, name }, storable(event));
    deps.counted(
      outcome === undefined ? 'irrelevant' : outcome === 'repeated' ? 'repeated' : 'applied',
      name,
    );
  }
}

/** Checked when it was configured. */
function ipsAllowedOf({ webhookIpsAllowed }: ConfigDocument): readonly string[] {
  return (webhookIpsAllowed as string[] | undefined) ?? [];
}
