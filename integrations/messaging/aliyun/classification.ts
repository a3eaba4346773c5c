import type { CallOutcome } from '../../call-outcome';
import { classifyJson, type ProviderErrors } from '../../http-classification';
import type { HttpExchange } from '../../http-exchange';
import { answerSchema } from './messages';

const codeOf = (body: unknown) => answerSchema.safeParse(body).data?.Code;
const errors: ProviderErrors = { codeOf, notProcessed: [] };

/** The account, its key, its signature or its template is at fault: every message would be refused. */
const ofTheAccount =
  /^(InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature|Forbidden|NoPermission|isp\.RAM_PERMISSION_DENY|isv\.(OUT_OF_SERVICE|PRODUCT_UN|ACCOUNT_|AMOUNT_NOT_ENOUGH|SMS_SIGN|SIGN_|SMS_TEMPLATE_ILLEGAL|TEMPLATE_|DENY_IP_RANGE))/;
/** Too many at the moment: of this account, or to this number. */
const tooMany = /^(Throttling|isv\.(BUSINESS_LIMIT_CONTROL|DAY_LIMIT_CONTROL|MONTH_LIMIT_CONTROL))/;
/** The far side broke in the middle of it. */
const broken = /^(isp\.|InternalError|ServiceUnavailable|SystemError)/;

/** Refusals come as HTTP 200 with a code of the service, or as HTTP 4xx with one of the gateway. */
export function classifyAliyun(exchange: HttpExchange): CallOutcome<unknown> {
  const outcome = classifyJson(exchange, errors);
  if (exchange.kind !== 'answered' || (outcome.kind !== 'ok' && outcome.kind !== 'declined')) return outcome;
  const { status, value } = outcome;
  const code = codeOf(value);
  if (code === undefined) {
    return { kind: 'unknown', code: 'answer_unreadable', message: 'the answer carries no code', status };
  }
  if (code === 'OK') return outcome;
  const message = `HTTP ${status} ${code}`;
  if (ofTheAccount.test(code)) {
    return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
  }
  if (tooMany.test(code)) return { kind: 'retryable', code: 'rate_limited', message, status };
  if (broken.test(code)) return { kind: 'unknown', code: 'provider_error', message, status };
  return { kind: 'declined', status, code, value };
}
