import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerWithFaults, strikeBefore, type BadDays } from '../parts/broken-answers';
import { json, parseJson, readBody, write, type Answer } from '../parts/http-answers';
import type { createSignatureCheck } from './aliyun-signature';
import type { PostboxDependencies } from './dependencies';
import { derivedHex, type Letter } from './letter';

export type AliyunDependencies = PostboxDependencies & {
  checkSignature: ReturnType<typeof createSignatureCheck>;
};

function say(status: number, code: string, more: object = {}): Answer {
  return json(status, { RequestId: derivedHex(32, code, 'request'), Message: code, Code: code, ...more });
}

const badDays: BadDays = {
  internalError: say(500, 'InternalError'),
  notProcessed: say(400, 'Throttling.User'),
  rateLimited: say(200, 'isv.BUSINESS_LIMIT_CONTROL'),
  withUnknownStatus: () => json(200, { Message: 'fine' }),
};

/** SendSms, QuerySendDetails and GetSmsTemplate, with the faults of the day; a fault's `reference` is `aliyun`. */
export async function serveAliyun(
  deps: AliyunDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const wrong = deps.checkSignature(request, url, (await readBody(request)) ?? '');
  if (wrong !== undefined)
    return write(response, say(wrong.startsWith('InvalidAccessKeyId') ? 404 : 400, wrong));
  const action = request.headers['x-acs-action'];
  const target = {
    operation: action === 'SendSms' ? ('create' as const) : ('query' as const),
    reference: 'aliyun',
  };
  if (await strikeBefore(deps.faults, target, response, badDays)) return;
  await answerWithFaults(deps.faults, target, response, answerTo(deps, String(action), url), badDays);
}

function answerTo(deps: PostboxDependencies, action: string, url: URL): Answer {
  const { searchParams } = url;
  switch (action) {
    case 'SendSms':
      return takeSms(deps, searchParams);
    case 'QuerySendDetails':
      return details(deps, searchParams);
    case 'GetSmsTemplate':
      return searchParams.get('TemplateCode') === deps.accounts.aliyun.templateCode
        ? say(200, 'OK', { TemplateStatus: '1', TemplateContent: '${content}' })
        : say(200, 'isv.SMS_TEMPLATE_ILLEGAL');
    default:
      return say(404, 'InvalidAction.NotFound');
  }
}

function takeSms(deps: PostboxDependencies, query: URLSearchParams): Answer {
  const { signName, templateCode } = deps.accounts.aliyun;
  const to = query.get('PhoneNumbers') ?? '';
  if (query.get('SignName') !== signName) return say(200, 'isv.SMS_SIGNATURE_ILLEGAL');
  if (query.get('TemplateCode') !== templateCode) return say(200, 'isv.SMS_TEMPLATE_ILLEGAL');
  if (!/^(1[3-9][0-9]{9}|[1-9][0-9]{7,14})$/.test(to)) return say(200, 'isv.MOBILE_NUMBER_ILLEGAL');
  const parameters = parseJson(query.get('TemplateParam') ?? undefined) as { content?: unknown } | undefined;
  if (typeof parameters?.content !== 'string') return say(200, 'isv.TEMPLATE_MISSING_PARAMETERS');
  const letter = deps.book.take({
    orderNo: `9006${derivedHex(12, 'aliyun', String(deps.nextNo()))}^0`,
    provider: 'aliyun',
    account: 'aliyun',
    kind: 'sms',
    reference: query.get('OutId') ?? '',
    from: signName,
    to,
    subject: '',
    text: parameters.content,
    html: null,
    newsUrl: null,
  });
  deps.courier.carry(letter);
  return say(200, 'OK', { BizId: letter.orderNo });
}

const statuses: Record<Letter['status'], number> = { taken: 1, undelivered: 2, delivered: 3 };

function details(deps: PostboxDependencies, query: URLSearchParams): Answer {
  const to = query.get('PhoneNumber');
  const bizId = query.get('BizId');
  const found = deps.book
    .newestFirst()
    .filter((letter) => letter.provider === 'aliyun' && letter.to === to)
    .filter((letter) => bizId === null || letter.orderNo === bizId)
    .slice(0, Number(query.get('PageSize') ?? 10));
  return say(200, 'OK', {
    TotalCount: String(found.length),
    SmsSendDetailDTOs: {
      SmsSendDetailDTO: found.map((letter) => ({
        PhoneNum: letter.to,
        SendStatus: statuses[letter.status],
        ErrCode:
          letter.status === 'delivered' ? 'DELIVERED' : letter.status === 'undelivered' ? 'MK:0001' : '',
        TemplateCode: deps.accounts.aliyun.templateCode,
        Content: letter.text,
        OutId: letter.reference,
      })),
    },
  });
}
