import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { answerWithFaults, strikeBefore, type BadDays } from '../parts/broken-answers';
import { json, parseJson, readBody, write, type Answer } from '../parts/http-answers';
import type { PostboxDependencies } from './dependencies';
import { derivedHex } from './letter';

const address = z.object({ email: z.string().max(320), name: z.string().optional() });
const mailSchema = z.object({
  personalizations: z.array(z.object({ to: z.array(address).length(1) })).length(1),
  from: address,
  subject: z.string().min(1).max(998),
  content: z.array(z.object({ type: z.string(), value: z.string().min(1) })).min(1),
  custom_args: z.record(z.string(), z.string()).optional(),
});

const mailBytesMax = 2_000_000;

function refuse(status: number, field: string | null, message: string): Answer {
  return json(status, { errors: [{ message, field, help: null }] });
}

const badDays: BadDays = {
  internalError: refuse(500, null, 'on demand'),
  notProcessed: refuse(503, null, 'on demand'),
  rateLimited: refuse(429, null, 'too many requests'),
  // What SendGrid says of a mail that it looked at and did not send.
  withUnknownStatus: () => json(200, {}),
};

/** `mail/send` and `scopes`, with the faults of the day; a fault's `reference` is the account's name. */
export async function serveSendgrid(
  deps: PostboxDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const account = Object.entries(deps.accounts.sendgrid).find(([, known]) => known === key)?.[0];
  if (account === undefined) {
    return write(response, refuse(401, null, 'The provided authorization grant is invalid.'));
  }
  const isMail = url.pathname === '/v3/mail/send' && request.method === 'POST';
  if (!isMail && url.pathname !== '/v3/scopes') return write(response, refuse(404, null, 'no such path'));
  const target = { operation: isMail ? ('create' as const) : ('query' as const), reference: account };
  if (await strikeBefore(deps.faults, target, response, badDays)) return;
  const answer = isMail
    ? takeMail(deps, account, await readBody(request, mailBytesMax))
    : json(200, { scopes: ['mail.send', 'sender_verification_eligible'] });
  await answerWithFaults(deps.faults, target, response, answer, badDays);
}

function takeMail(deps: PostboxDependencies, account: string, text: string | undefined): Answer {
  if (text === undefined) return refuse(413, null, 'too large');
  const mail = mailSchema.safeParse(parseJson(text)).data;
  if (mail === undefined) return refuse(400, 'content', 'Bad Request');
  const to = mail.personalizations[0]?.to[0]?.email ?? '';
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(to)) {
    return refuse(400, 'personalizations.0.to.0.email', 'Does not contain a valid address.');
  }
  const bodyOf = (type: string) => mail.content.find((part) => part.type === type)?.value;
  const messageId = derivedHex(22, account, String(deps.nextNo()));
  const letter = deps.book.take({
    orderNo: messageId,
    provider: 'sendgrid',
    account,
    kind: 'mail',
    reference: mail.custom_args?.['durapay_message'] ?? '',
    from: mail.from.name === undefined ? mail.from.email : `${mail.from.name} <${mail.from.email}>`,
    to,
    subject: mail.subject,
    text: bodyOf('text/plain') ?? '',
    html: bodyOf('text/html') ?? null,
    newsUrl: deps.webhooks.get(account) ?? null,
  });
  deps.courier.carry(letter);
  return { status: 202, contentType: 'text/plain', body: '', headers: { 'x-message-id': messageId } };
}
