import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerWithFaults, strikeBefore, type BadDays } from '../parts/broken-answers';
import type { Faults, Operation } from '../parts/faults';
import { html, json, readBody, write, type Answer } from '../parts/http-answers';
import type { EcpayAccount } from './account';
import type { Action, Book } from './book';
import { isChecked, withCode } from './check-code';
import { captured, paymentTypeOf, taipeiTime, type Order } from './order';
import { creditStatement, tradeStatement } from './statements';

export interface ServiceDependencies {
  account: EcpayAccount;
  book: Book;
  faults: Faults;
  now: () => number;
}

type Fields = Record<string, string>;
type Service = (deps: ServiceDependencies, fields: Fields) => Answer;

const services: Record<string, Service> = {
  '/Cashier/QueryTradeInfo/V5': queryTrade,
  '/Cashier/QueryPaymentInfo': queryNumber,
  '/CreditDetail/QueryTrade/V2': queryCredit,
  '/CreditDetail/DoAction': doAction,
  '/PaymentMedia/TradeNoAio': ({ book }, fields) =>
    text(tradeStatement(book.orders(), fields['BeginDate'] ?? '', fields['EndDate'] ?? '')),
  '/CreditDetail/FundingReconDetail': ({ book }, fields) =>
    text(creditStatement(book.orders(), fields['StartDate'] ?? '', fields['EndDate'] ?? '')),
};

/** ECPay's services as docs/channels/ecpay.md describes them, with the faults of the day; undefined for another path. */
export async function serveService(
  deps: ServiceDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<boolean> {
  const service = Object.hasOwn(services, path) ? services[path] : undefined;
  if (service === undefined || request.method !== 'POST') return false;
  const fields = Object.fromEntries(new URLSearchParams(await readBody(request)));
  if (!isChecked(deps.account, fields)) {
    write(response, text('0|CheckMacValue Error'));
    return true;
  }
  const order = deps.book.find(fields['MerchantTradeNo'] ?? '');
  const target = { operation: operationOf(path, fields, order), reference: order?.customField1 ?? '' };
  const words = badDays(deps.account);
  if (await strikeBefore(deps.faults, target, response, words)) return true;
  await answerWithFaults(deps.faults, target, response, service(deps, fields), words);
  return true;
}

/** Abandoning a reservation calls it off; abandoning what the shop took for paid gives it back. */
function operationOf(path: string, fields: Fields, order: Order | undefined): Operation {
  if (path.startsWith('/PaymentMedia') || path.endsWith('FundingReconDetail')) return 'statement';
  if (!path.endsWith('DoAction')) return 'query';
  switch (fields['Action']) {
    case 'C':
      return 'capture';
    case 'N':
      return order?.customField2 === 'manual' && order.charges === 0 ? 'cancel' : 'refund';
    default:
      return 'refund';
  }
}

function queryTrade({ account, book, now }: ServiceDependencies, fields: Fields): Answer {
  if (Math.abs(now() / 1_000 - Number(fields['TimeStamp'])) > 180) return text('0|TimeStamp Error');
  const MerchantTradeNo = fields['MerchantTradeNo'] ?? '';
  const order = book.find(MerchantTradeNo);
  const common = { MerchantID: account.merchantId, MerchantTradeNo, HandlingCharge: '0' };
  if (order === undefined) {
    const none = {
      TradeAmt: '0',
      TradeDate: '',
      TradeNo: '',
      PaymentType: '',
      PaymentDate: '',
      ItemName: '',
    };
    return plain(account, { ...common, ...none, PaymentTypeChargeFee: '0', TradeStatus: '10200047' });
  }
  const status = { open: '0', paid: '1', failed: '10200095' }[order.state];
  return plain(account, {
    ...common,
    StoreID: '',
    TradeNo: order.tradeNo,
    TradeAmt: String(order.amount),
    TradeDate: taipeiTime(order.createdAt),
    PaymentDate: order.paidAt === null ? '' : taipeiTime(order.paidAt),
    PaymentType: paymentTypeOf(order),
    PaymentTypeChargeFee: '0',
    TradeStatus: status,
    ItemName: order.itemName,
    CustomField1: order.customField1,
    CustomField2: order.customField2,
    CustomField3: '',
    CustomField4: '',
    gwsr: order.way === 'Credit' && order.state === 'paid' ? order.gwsr : '',
  });
}

function queryNumber({ account, book }: ServiceDependencies, fields: Fields): Answer {
  const order = book.find(fields['MerchantTradeNo'] ?? '');
  if (order?.number == null || order.state !== 'open') {
    return plain(account, { RtnCode: '10200047', RtnMsg: '查無資料', PaymentType: '', ExpireDate: '' });
  }
  return plain(account, {
    RtnCode: order.way === 'ATM' ? '2' : '10100073',
    RtnMsg: 'Get Info Succeeded',
    MerchantID: account.merchantId,
    MerchantTradeNo: order.orderNo,
    TradeNo: order.tradeNo,
    TradeAmt: String(order.amount),
    PaymentType: paymentTypeOf(order),
    ...order.number,
  });
}

function queryCredit({ account, book }: ServiceDependencies, fields: Fields): Answer {
  const order = book.findByAuthorisation(fields['CreditRefundId'] ?? '');
  if (fields['CreditCheckCode'] !== account.creditCheckCode)
    return json(200, { RtnMsg: 'error', RtnValue: '' });
  if (order?.state !== 'paid' || String(order.amount) !== fields['CreditAmount']) {
    return json(200, { RtnMsg: 'error_nopay', RtnValue: '' });
  }
  const words = { to_close: '要關帳', closed: '已關帳', undone: '操作取消' } as const;
  const last = order.closings.findLast(({ state }) => state !== 'undone');
  const status = order.isAbandoned ? '已取消' : last === undefined ? '已授權' : words[last.state];
  const entries = [
    ...order.closings.map(({ amount, state, at }) => ({ status: words[state], amount, at })),
    ...order.refunds
      .filter(({ action }) => action === 'R')
      .map(({ amount, at }) => ({ status: words[last?.state ?? 'to_close'], amount: -amount, at })),
  ];
  return json(200, {
    RtnMsg: '',
    RtnValue: {
      TradeID: Number(order.gwsr),
      amount: order.amount,
      clsamt: captured(order),
      authtime: taipeiTime(order.paidAt ?? 0),
      status,
      close_data: entries.map(({ status: word, amount, at }, index) => ({
        status: word,
        sno: String(index + 1),
        amount,
        datetime: taipeiTime(at),
      })),
    },
  });
}

function doAction({ account, book, faults }: ServiceDependencies, fields: Fields): Answer {
  const { MerchantTradeNo = '', TradeNo = '', Action: action = '', TotalAmount = '' } = fields;
  const order = book.find(MerchantTradeNo);
  const answer = (RtnCode: string, RtnMsg: string) =>
    text(
      new URLSearchParams({
        MerchantID: account.merchantId,
        MerchantTradeNo,
        TradeNo,
        RtnCode,
        RtnMsg,
      }).toString(),
    );
  if (order?.tradeNo !== TradeNo || !['C', 'R', 'E', 'N'].includes(action)) {
    return answer('10200047', 'Cant not find the trade data.');
  }
  const isGivingBack = action === 'R' || action === 'N';
  const target = { operation: 'refund', reference: order.customField1 } as const;
  if (isGivingBack && faults.strike('refund_failing', target)) return answer('0', '更新失敗.(error_balance)');
  return book.act(order, action as Action, Number(TotalAmount))
    ? answer('1', 'OK')
    : answer('0', `更新失敗.(error_amount_${action})`);
}

function badDays(account: EcpayAccount): BadDays {
  const tooMany = html(403, 'Too many requests.');
  return {
    internalError: html(500, 'An error occurred.'),
    notProcessed: tooMany,
    rateLimited: tooMany,
    withUnknownStatus(answer) {
      if (!answer.body.includes('TradeStatus=')) {
        return { ...answer, body: answer.body.replace('RtnCode=1&', 'RtnCode=LEVITATING&') };
      }
      const fields = Object.fromEntries(
        answer.body.split('&').map((field) => field.split('=', 2) as [string, string]),
      );
      return plain(account, { ...fields, TradeStatus: '10299999' });
    },
  };
}

function text(body: string): Answer {
  return { status: 200, contentType: 'text/html; charset=utf-8', body };
}

/** Queries are answered with fields that are not percent-encoded. */
function plain(account: EcpayAccount, fields: Fields): Answer {
  const { CheckMacValue: _old, ...rest } = fields;
  const signed = Object.entries(withCode(account, rest));
  return text(signed.map(([name, value]) => `${name}=${value}`).join('&'));
}
