import type { Database } from '../../db/pool';
import type { StoredMessage } from '../../db/stores/messages-store';
import type { MessagingAdapter, SendOutcome } from '../../integrations/messaging/messaging-provider';
import type { PreferenceCall, PreferenceResult } from '../../integrations/services/call-by-preference';
import type { ReadyService, ServiceCall } from '../../integrations/services/service-adapter';
import type { MessageStatus } from '../../domain/message/status';
import type { Log } from '../../telemetry/log';

export interface MessageTimings {
  /** The first look at a message that is in doubt or under way. */
  firstLookMs: number;
  /** So long a message in doubt is cleared up before it is taken for not sent, or for nobody's to decide. */
  doubtMs: number;
  /** Between two tries of a dead letter. */
  deadLetterRetryMs: number;
}

export interface MessageDeps {
  database: Database;
  serviceOf(id: string): Promise<ReadyService | undefined>;
  serviceNamed(name: string): Promise<ReadyService | undefined>;
  callByPreference(
    ask: PreferenceCall,
    use: (adapter: MessagingAdapter, call: ServiceCall) => Promise<SendOutcome>,
  ): Promise<PreferenceResult<{ providerRef: string }>>;
  openContent(messageId: string, sealed: Buffer): string;
  /** Where a service may tell of a message. */
  newsUrl(serviceId: string, messageId: string): string;
  /** Each status that a message comes to: what delivery rates are made of. */
  counted(message: Pick<StoredMessage, 'kind' | 'serviceName'>, status: MessageStatus): void;
  log: Log;
  timings: MessageTimings;
}
