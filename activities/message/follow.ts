import { lastCall } from '../../db/stores/message-calls-store';
import { loadMessage, postponeMessage, type StoredMessage } from '../../db/stores/messages-store';
import { inTransaction } from '../../db/transaction';
import type { MessageFate, MessagingAdapter } from '../../integrations/messaging/messaging-provider';
import type { MessageProgress } from '../../workflows/contracts';
import { messageReference, type MessageContent } from './content';
import type { MessageDeps } from './deps';
import type { createSend } from './send';
import { applyNews, type Told } from './settle';

/** After that nobody is asked any more whether a message has arrived. */
const followForMs = 3 * 86_400_000;
const lookMsMax = 3_600_000;

/** What became of a message that a provider has, or may have. */
export function createFollow(deps: MessageDeps, sending: ReturnType<typeof createSend>) {
  const { database, timings } = deps;

  /** The provider is asked, or its news are waited for; after a while it is decided without. */
  async function clearUp(message: StoredMessage): Promise<MessageProgress> {
    const call = await lastCall(database, message.id);
    const sentAt = call?.beganAt ?? message.updatedAt;
    const ageMs = Date.now() - sentAt.getTime();
    const { fate, findsByReference } = await ask(message, sentAt);
    if (fate.kind !== 'not_found' && fate.kind !== 'unknown') return told(message, fate);
    if (ageMs < timings.doubtMs) return waitAndLook(message, ageMs);
    if (fate.kind === 'not_found') {
      const error = { code: 'never_arrived', message: 'The provider does not know of it.' };
      return sending.notSent(message, error, message.tries);
    }
    // One that can be asked, and does not answer: it will.
    if (findsByReference && message.giveUpAt.getTime() > Date.now()) return waitAndLook(message, ageMs);
    if (message.onDoubt === 'resend') {
      const error = { code: 'in_doubt', message: 'It may have been sent, and is sent again.' };
      return sending.notSent(message, error, message.tries);
    }
    await postponeMessage(database, message.id, undefined);
    return { status: message.status };
  }

  async function followDelivery(message: StoredMessage): Promise<MessageProgress> {
    const sentAt = message.sentAt ?? message.updatedAt;
    const ageMs = Date.now() - sentAt.getTime();
    const canBeAsked = message.serviceId !== undefined && (await sending.canBeAsked(message.serviceId));
    if (!canBeAsked || ageMs > followForMs) {
      await postponeMessage(database, message.id, undefined);
      return { status: message.status };
    }
    const { fate } = await ask(message, sentAt);
    if (fate.kind === 'delivered' || fate.kind === 'undelivered') return told(message, fate);
    return waitAndLook(message, ageMs);
  }

  async function ask(
    message: StoredMessage,
    sentAt: Date,
  ): Promise<{ fate: MessageFate; findsByReference: boolean }> {
    const ready = message.serviceId === undefined ? undefined : await deps.serviceOf(message.serviceId);
    const adapter = ready?.adapter as MessagingAdapter | undefined;
    const findsByReference = adapter?.findsByReference ?? false;
    const isFindable = findsByReference || message.providerRef !== undefined;
    if (ready === undefined || adapter?.fateOf === undefined || !isFindable) {
      const error = { code: 'not_findable', message: 'The provider can not be asked.' };
      return { fate: { kind: 'unknown', error }, findsByReference };
    }
    const content = JSON.parse(deps.openContent(message.id, message.content)) as MessageContent;
    const reference = messageReference(message);
    const { service } = ready;
    const fate = await adapter.fateOf(
      { service, timeoutMs: service.timeoutMs, correlationId: reference },
      { reference, providerRef: message.providerRef, to: content.recipient, sentAt },
    );
    return { fate, findsByReference };
  }

  async function told(message: StoredMessage, fate: Told): Promise<MessageProgress> {
    const service = { id: message.serviceId ?? '', name: message.serviceName ?? '' };
    const waitMs = timings.firstLookMs;
    const to = await inTransaction(database, async (transaction) => {
      const current = await loadMessage(transaction, message.id, { lock: true });
      return current && applyNews(transaction, current, fate, service, waitMs);
    });
    if (to !== undefined) deps.counted(message, to);
    return to === 'delivered' || to === 'undelivered'
      ? { status: to }
      : { status: to ?? message.status, waitMs };
  }

  /** Each wait is about as long as all before it. */
  async function waitAndLook(message: StoredMessage, ageMs: number): Promise<MessageProgress> {
    const waitMs = Math.min(Math.max(ageMs, timings.firstLookMs), lookMsMax);
    await postponeMessage(database, message.id, new Date(Date.now() + waitMs));
    return { status: message.status, waitMs };
  }

  return { clearUp, followDelivery };
}
