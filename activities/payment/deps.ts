import type { Database } from '../../db/pool';
import type { ExchangeLimits } from '../../domain/exchange/quote';
import type { AnswerDesk, NewsDesk } from '../../domain/payment/answer';
import type { PaymentSetup, Prices } from '../../domain/payment/plan';
import type { Customer } from '../../domain/payment/request';
import type { Mode } from '../../domain/payment/reference';
import type { PricesWanted } from '../../db/read-models/prices';
import type { Ledger } from '../../db/stores/ledger-store';
import type { SuspenseKey } from '../../domain/suspense/suspense-id';
import type { ChannelRouter } from '../../domain/routing/contracts';
import type { ChannelConfig, PaymentProvider } from '../../integrations/channels/payment-provider';
import type { FindCustomerPart } from '../customer/charge';
import type { Log } from '../../telemetry/log';
import type { CallbackLease } from '../notify/outbox-relay';
import type { ChannelStatistics } from '../routing/channel-statistics';

/** A configured channel, ready to be called. */
export interface Channel {
  provider: PaymentProvider;
  config: ChannelConfig;
  /** By an operator: no new charge goes there; what is under way is finished. */
  isSwitchedOff?: boolean;
}

export interface PaymentDeps {
  database: Database;
  /** Read through a cache of at most a second. */
  setupOf(merchantId: string, mode: Mode): Promise<PaymentSetup | undefined>;
  /** By the plans that held then; the tier is that of today's volume. */
  pricesAt(wanted: PricesWanted, at: Date): Promise<Prices>;
  channelOf(channelConfigId: string): Promise<Channel | undefined>;
  route: ChannelRouter;
  /** The same for a decision that is not carried out: nothing is noted. */
  look: ChannelRouter;
  /** What calls and charges tell about their channels. */
  seen: Pick<ChannelStatistics, 'observeCall' | 'observeVerdict'>;
  /** No channel can take this payment: it waits, committed, and operators have to know. */
  waitsForChannel(payment: { paymentId: string; merchantId: string; why: string }): void;
  ledger: Ledger;
  exchange: ExchangeLimits;
  answers: AnswerDesk;
  firstNews: NewsDesk;
  /** So many first steps may stay for news at once. */
  firstStepsStayingMax: number;
  /** Tells the relay of this process that a callback was committed. */
  callbackCommitted(): void;
  /** For a callback that is about to be written, if the relay of this process has room for it. */
  leaseCallback(endpointId: string): CallbackLease | undefined;
  /** Money went to suspense, committed: its workflow begins at once, and by the sweep at the latest. */
  suspenseHeld(key: SuspenseKey): void;
  /** Only asked for payments with a customer whom the channel keeps. */
  findCustomerPart: FindCustomerPart;
  log: Log;
  timings: PaymentTimings;
  apiPublicUrl: string;
  newId(): string;
  /** Personal data at rest; opened only for who may read it. */
  sealCustomer(paymentId: string, customer: Customer): Buffer;
}

export interface PaymentTimings {
  /** For a call while a request waits, and for one that nobody waits for. */
  channelFastTimeoutMs: number;
  channelTimeoutMs: number;
  /** So long the request that starts a payment waits for its answer. */
  answerWithinMs: number;
  /** So long a payment's first step stays at most for news that comes at once. */
  firstNewsWithinMs: number;
  /** So long a refund whose answer was lost may still be carried out, where the channel knows it by its sum alone. */
  refundDoubtMs: number;
  /** How long after its end a payment's workflow history is written down. */
  keepHistoryAfterMs: number;
}
