import { afterNews, isMessageOver, type MessageStatus } from '../../domain/message/status';
import type { Transaction } from '../../db/pool';
import {
  changeMessage,
  loadMessage,
  type MessageChange,
  type StoredMessage,
} from '../../db/stores/messages-store';
import { inTransaction } from '../../db/transaction';
import type { MessageFate } from '../../integrations/messaging/messaging-provider';
import type { MessageProgress } from '../../workflows/contracts';
import type { MessageDeps } from './deps';

/** What the provider has of it. */
export type Told = Exclude<MessageFate, { kind: 'not_found' | 'unknown' }>;
type Change = Omit<MessageChange, 'wakeAt'> & { waitMs?: number };

/** Writes what became of a message: under its lock, and only if nothing else has meanwhile. */
export function createSettle({ database, counted }: Pick<MessageDeps, 'database' | 'counted'>) {
  return {
    /** From one of these statuses; found in another, it is looked at anew. */
    async move(
      messageId: string,
      from: readonly MessageStatus[],
      change: Change,
      also?: (transaction: Transaction) => Promise<void>,
    ): Promise<MessageProgress> {
      const moved = await inTransaction(database, async (transaction) => {
        const message = await loadMessage(transaction, messageId, { lock: true });
        await also?.(transaction);
        if (message === undefined || !from.includes(message.status)) return { message };
        await changeMessage(transaction, messageId, asWritten(change));
        return { message, isChanged: true };
      });
      if (moved.isChanged === true && moved.message.status !== change.to) {
        counted(
          { kind: moved.message.kind, serviceName: change.service?.name ?? moved.message.serviceName },
          change.to,
        );
      }
      if (moved.isChanged === true) return progress(change.to, change.waitMs);
      const status = moved.message?.status ?? change.to;
      return progress(status, isMessageOver(status) ? undefined : 0);
    },
  };
}

/** Moves a locked message on by what its provider tells; undefined if that changes nothing. */
export async function applyNews(
  transaction: Transaction,
  message: StoredMessage,
  told: Told,
  service: { id: string; name: string },
  waitMs?: number,
): Promise<MessageStatus | undefined> {
  const to = afterNews(message.status, told.kind);
  if (to === undefined) return undefined;
  const change: Change = {
    to,
    service,
    providerRef: told.providerRef,
    ...(told.kind === 'undelivered' ? { error: told.error } : {}),
    ...(isMessageOver(to) ? {} : { waitMs }),
  };
  await changeMessage(transaction, message.id, asWritten(change));
  return to;
}

function asWritten({ waitMs, ...change }: Change): MessageChange {
  return waitMs === undefined ? change : { ...change, wakeAt: new Date(Date.now() + waitMs) };
}

function progress(status: MessageStatus, waitMs: number | undefined): MessageProgress {
  return waitMs === undefined ? { status } : { status, waitMs };
}
