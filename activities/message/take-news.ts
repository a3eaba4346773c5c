import { parsePublicId } from '../../domain/ids';
import type { MessageStatus } from '../../domain/message/status';
import { insertMessageEvent, messageOfNews } from '../../db/stores/message-events-store';
import { loadMessage } from '../../db/stores/messages-store';
import { inTransaction } from '../../db/transaction';
import type { DeliveryEvent } from '../../integrations/messaging/messaging-provider';
import type { MessageDeps } from './deps';
import { applyNews } from './settle';

/** Writes down what a provider told, once, and what it changes, in one transaction. */
export function createTakeNews({ database, counted }: Pick<MessageDeps, 'database' | 'counted'>) {
  return async function takeNews(
    service: { id: string; name: string },
    event: DeliveryEvent,
  ): Promise<MessageStatus | 'repeated' | undefined> {
    const { providerRef, fate, reference = '' } = event;
    const named = { messageId: parsePublicId('message', reference), providerRef };
    const messageId = await messageOfNews(database, service.id, named);
    if (messageId === undefined) return undefined;
    return inTransaction(database, async (transaction) => {
      const message = await loadMessage(transaction, messageId, { lock: true });
      if (message === undefined) return undefined;
      const isNew = await insertMessageEvent(transaction, {
        serviceId: service.id,
        providerEventId: event.eventId,
        messageId,
        says: fate.kind,
        error: fate.kind === 'undelivered' ? fate.error : undefined,
        occurredAt: new Date(event.occurredAt),
      });
      const to = isNew ? await applyNews(transaction, message, fate, service) : undefined;
      if (to !== undefined) counted({ kind: message.kind, serviceName: service.name }, to);
      return to ?? 'repeated';
    });
  };
}
