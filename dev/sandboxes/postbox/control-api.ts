import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { answerFaults } from '../parts/fault-controls';
import { json, parseJson, readBody, refusal, type Answer } from '../parts/http-answers';
import type { PostboxDependencies } from './dependencies';
import { entryOf } from './inbox-page';

const webhookSchema = z.strictObject({ account: z.string().max(100), url: z.url().max(2_000) });

/** What no provider has: its book laid open, and its bad days by order. */
export async function answerControl(
  deps: PostboxDependencies,
  request: IncomingMessage,
  url: URL,
): Promise<Answer | undefined> {
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /healthz':
      return json(200, { status: 'ok' });
    case 'GET /sandbox/book':
      return json(200, { messages: deps.book.newestFirst().map(entryOf), webhooks: deps.courier.pending });
    case 'DELETE /sandbox/book':
      deps.book.clear();
      return json(200, { messages: [] });
    // As one sets it in SendGrid's dashboard.
    case 'PUT /sandbox/webhooks':
      return setWebhook(deps, await readBody(request));
    default:
      return answerFaults(deps.faults, request, url);
  }
}

function setWebhook(deps: PostboxDependencies, text: string | undefined): Answer {
  const wanted = webhookSchema.safeParse(parseJson(text)).data;
  if (wanted === undefined || !(wanted.account in deps.accounts.sendgrid)) {
    return refusal(400, 'invalid_request', 'wants account (primary or backup) and url');
  }
  deps.webhooks.set(wanted.account, wanted.url);
  return json(200, wanted);
}
