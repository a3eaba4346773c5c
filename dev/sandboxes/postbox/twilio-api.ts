import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerWithFaults, strikeBefore, type BadDays } from '../parts/broken-answers';
import { json, readBody, write, type Answer } from '../parts/http-answers';
import type { PostboxDependencies } from './dependencies';
import { derivedHex, type Letter } from './letter';

function refuse(status: number, code: number, message: string): Answer {
  const moreInfo = `https://www.twilio.com/docs/errors/${code}`;
  return json(status, { code, message, more_info: moreInfo, status });
}

const badDays: BadDays = {
  internalError: refuse(500, 20500, 'on demand'),
  notProcessed: refuse(400, 30001, 'Queue overflow'),
  rateLimited: refuse(429, 20429, 'Too Many Requests'),
  withUnknownStatus: (answer) => json(answer.status, { ...JSON.parse(answer.body), status: 'levitating' }),
};

/** Messages.json and what belongs to it, with the faults of the day; a fault's `reference` is `twilio`. */
export async function serveTwilio(
  deps: PostboxDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const { accountSid, authToken } = deps.accounts.twilio;
  const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  if (request.headers.authorization !== expected) return write(response, refuse(401, 20003, 'Authenticate'));
  const path = url.pathname.replace(`/2010-04-01/Accounts/${accountSid}`, '');
  const isNew = request.method === 'POST' && path === '/Messages.json';
  const target = { operation: isNew ? ('create' as const) : ('query' as const), reference: 'twilio' };
  if (await strikeBefore(deps.faults, target, response, badDays)) return;
  const answer = isNew ? takeSms(deps, await readBody(request)) : look(deps, path);
  await answerWithFaults(deps.faults, target, response, answer, badDays);
}

function look(deps: PostboxDependencies, path: string): Answer {
  const { accountSid } = deps.accounts.twilio;
  if (path === '.json') return json(200, { sid: accountSid, status: 'active', type: 'Full' });
  const sid = /^\/Messages\/(SM[0-9a-f]{32})\.json$/.exec(path)?.[1];
  const letter = sid === undefined ? undefined : deps.book.find(sid);
  return letter === undefined ? refuse(404, 20404, 'not found') : json(200, presentSms(deps, letter));
}

/** Twilio's own test numbers. */
const refusals: Record<string, number> = {
  '+15005550001': 21211,
  '+15005550002': 21612,
  '+15005550003': 21408,
  '+15005550004': 21610,
  '+15005550009': 21614,
};

function takeSms(deps: PostboxDependencies, text: string | undefined): Answer {
  const form = new URLSearchParams(text);
  const to = form.get('To') ?? '';
  const body = form.get('Body') ?? '';
  if (!/^\+[1-9][0-9]{6,14}$/.test(to)) return refuse(400, 21211, "The 'To' number is not a valid number.");
  const code = refusals[to];
  if (code !== undefined) return refuse(400, code, `Refused as ${code}`);
  if (body === '' || body.length > 1_600) return refuse(400, 21617, 'The message body is empty or too long.');
  const from = form.get('From') ?? form.get('MessagingServiceSid') ?? '';
  if (from !== deps.accounts.twilio.from && !from.startsWith('MG')) {
    return refuse(400, 21606, "The 'From' number is not yours.");
  }
  const newsUrl = form.get('StatusCallback');
  const letter = deps.book.take({
    orderNo: `SM${derivedHex(32, 'twilio', String(deps.nextNo()))}`,
    provider: 'twilio',
    account: 'twilio',
    kind: 'sms',
    reference: newsUrl === null ? '' : (new URL(newsUrl).searchParams.get('message') ?? ''),
    from,
    to,
    subject: '',
    text: body,
    html: null,
    newsUrl,
  });
  deps.courier.carry(letter);
  return json(201, presentSms(deps, letter));
}

function presentSms({ accounts }: PostboxDependencies, letter: Letter) {
  const isNew = letter.status === 'taken';
  return {
    account_sid: accounts.twilio.accountSid,
    api_version: '2010-04-01',
    body: letter.text,
    date_created: new Date(letter.createdAt).toUTCString(),
    date_sent: isNew ? null : new Date(letter.endedAt ?? letter.createdAt).toUTCString(),
    date_updated: new Date(letter.endedAt ?? letter.createdAt).toUTCString(),
    direction: 'outbound-api',
    error_code: letter.status === 'undelivered' ? 30003 : null,
    error_message: null,
    from: letter.from,
    num_media: '0',
    num_segments: '1',
    sid: letter.orderNo,
    status: isNew ? 'queued' : letter.status,
    to: letter.to,
  };
}
