import type { Caller } from '../../call';
import type { CallOutcome } from '../../call-outcome';
import type { HttpClient } from '../../http-exchange';
import type { ChannelCall } from '../payment-provider';
import { readAccount, type EcpayAccount } from './account';
import { checkMacValue } from './check-mac-value';
import { classifyEcpay } from './classification';

/** C closes (captures), R gives back, E takes a closing back before it is done, N abandons an authorisation. */
export type CreditAction = 'C' | 'R' | 'E' | 'N';

const services = {
  query: '/Cashier/QueryTradeInfo/V5',
  query_number: '/Cashier/QueryPaymentInfo',
  query_credit: '/CreditDetail/QueryTrade/V2',
  action: '/CreditDetail/DoAction',
  statement: '/PaymentMedia/TradeNoAio',
  credit_statement: '/CreditDetail/FundingReconDetail',
} as const;

export type EcpayService = keyof typeof services;

/** Transport only: signs, sends, classifies. What an answer means is said beside each service. */
export interface EcpayClient {
  ask(
    call: ChannelCall,
    service: EcpayService,
    parameters: Readonly<Record<string, string>>,
  ): Promise<CallOutcome<string>>;
}

export interface EcpayClientDependencies {
  caller: Caller;
  http: HttpClient;
  now: () => Date;
}

/** A day's trades in a file, some 150 bytes each: as many lines as are read, and then some. */
const statementBytesMax = 32 * 1_048_576;
const isFile: readonly EcpayService[] = ['statement', 'credit_statement'];

const hasTimestamp: readonly EcpayService[] = ['query', 'query_number'];

export function createEcpayClient(deps: EcpayClientDependencies): EcpayClient {
  return {
    ask(call, service, parameters) {
      const context = {
        service: 'ecpay',
        instance: call.config.id,
        operation: service,
        timeoutMs: call.timeoutMs,
        correlationId: call.correlationId,
      };
      return deps.caller.call(context, async (deadline) => {
        const reading = readAccount(call.config);
        if (!reading.ok) {
          return { kind: 'misconfigured', code: 'channel_misconfigured', message: reading.message };
        }
        const { account } = reading;
        return classifyEcpay(
          await deps.http.exchange(
            {
              method: 'POST',
              origin: service === 'statement' ? account.statementOrigin : account.origin,
              path: account.basePath + services[service],
              headers: { 'content-type': 'application/x-www-form-urlencoded' },
              body: signed(account, service, parameters),
              ...(isFile.includes(service) ? { answerBytesMax: statementBytesMax } : {}),
            },
            deadline,
          ),
        );
      });
    },
  };

  function signed(
    account: EcpayAccount,
    service: EcpayService,
    parameters: Readonly<Record<string, string>>,
  ): string {
    const form = new URLSearchParams({ MerchantID: account.merchantId, ...parameters });
    if (hasTimestamp.includes(service)) {
      form.set('TimeStamp', String(Math.floor(deps.now().getTime() / 1_000)));
    }
    form.set('CheckMacValue', checkMacValue(account.keys, form));
    return form.toString();
  }
}
