import type { StoredMessage, StoredMessageError } from '../../db/stores/messages-store';
import { beginCall, endCall, lastCall } from '../../db/stores/message-calls-store';
import { inTransaction } from '../../db/transaction';
import { delayAfter, jittered } from '../../domain/config/retry-policy';
import { countTry, loadMessage } from '../../db/stores/messages-store';
import type { MessagingAdapter, SendOutcome } from '../../integrations/messaging/messaging-provider';
import type { ServiceCall, ServiceType } from '../../integrations/services/service-adapter';
import type { MessageProgress } from '../../workflows/contracts';
import { messageReference, outgoing, type MessageContent } from './content';
import type { MessageDeps } from './deps';
import type { createSettle } from './settle';

const unsent = ['queued', 'dead_letter'] as const;

/** One try: the first choice, and whoever comes after it as long as it is certain that nothing was sent. */
export function createSend(deps: MessageDeps, settle: ReturnType<typeof createSettle>) {
  const { database, timings } = deps;

  async function trySending(message: StoredMessage): Promise<MessageProgress> {
    const open = await lastCall(database, message.id);
    if (open !== undefined && open.endedAt === undefined) {
      // Cut short in the middle: nobody can say what it did.
      const service = { id: open.serviceId, name: open.serviceName };
      return settle.move(message.id, unsent, inDoubt(service, 'interrupted'), (transaction) =>
        endCall(transaction, message.id, open.callNo, { outcome: 'unknown', code: 'interrupted' }),
      );
    }
    const content = JSON.parse(deps.openContent(message.id, message.content)) as MessageContent;
    const { outcome, service } = await deps.callByPreference(
      {
        serviceType: message.serviceType as ServiceType,
        preference: message.preference,
        isIdempotent: false,
        correlationId: messageReference(message),
      },
      (adapter, call) => handOver(message, content, adapter, call),
    );
    return conclude(message, outcome, service);
  }

  /** The call is in the database before it is made. */
  async function handOver(
    message: StoredMessage,
    content: MessageContent,
    adapter: MessagingAdapter,
    call: ServiceCall,
  ): Promise<SendOutcome> {
    const { service } = call;
    const callNo = await inTransaction(database, async (transaction) => {
      const current = await loadMessage(transaction, message.id, { lock: true });
      if (current === undefined || !unsent.some((status) => status === current.status)) return undefined;
      // Of one try, however many services it asks.
      await countTry(transaction, message.id, message.tries + 1);
      return beginCall(transaction, message.id, service);
    });
    // News came meanwhile: whatever is to be done now, it is not sending.
    if (callNo === undefined) return { kind: 'declined', status: 0, code: 'overtaken', value: undefined };
    const outcome = await adapter.send(
      call,
      outgoing(message, content, deps.newsUrl(service.id, message.id)),
    );
    await endCall(database, message.id, callNo, {
      outcome: outcome.kind,
      ...(outcome.kind === 'ok' ? {} : { code: outcome.code }),
    });
    return outcome;
  }

  async function conclude(
    message: StoredMessage,
    outcome: SendOutcome,
    service: { id: string; name: string } | undefined,
  ): Promise<MessageProgress> {
    switch (outcome.kind) {
      case 'ok': {
        const { providerRef } = outcome.value;
        const waitMs = service && (await canBeAsked(service.id)) ? timings.firstLookMs : undefined;
        return settle.move(message.id, [...unsent, 'in_doubt'], { to: 'sent', service, providerRef, waitMs });
      }
      case 'declined':
        return settle.move(message.id, unsent, { to: 'refused', service, error: refusal(outcome) });
      case 'unknown':
        return settle.move(message.id, unsent, inDoubt(service, outcome.code));
      case 'retryable':
      case 'misconfigured':
        return notSent(message, { code: outcome.code, message: outcome.message }, message.tries + 1);
    }
  }

  async function canBeAsked(serviceId: string): Promise<boolean> {
    const adapter = (await deps.serviceOf(serviceId))?.adapter as MessagingAdapter | undefined;
    return adapter?.fateOf !== undefined;
  }

  function inDoubt(service: { id: string; name: string } | undefined, code: string) {
    const error = { code, message: 'Nobody can say whether it was sent.' };
    return { to: 'in_doubt' as const, service, error, waitMs: timings.firstLookMs };
  }

  /** Certainly: it is tried again, often at first, then as a dead letter, and at last no more. */
  async function notSent(
    message: StoredMessage,
    error: StoredMessageError,
    tries: number,
  ): Promise<MessageProgress> {
    if (message.giveUpAt.getTime() <= Date.now()) {
      return settle.move(message.id, [...unsent, 'in_doubt'], { to: 'abandoned', tries, error });
    }
    const policy = await retryPolicyOf(message);
    const isDead = message.status === 'dead_letter' || tries >= policy.triesMax;
    const waitMs = isDead ? jittered(timings.deadLetterRetryMs) : delayAfter(policy, tries);
    const to = isDead ? 'dead_letter' : 'queued';
    return settle.move(message.id, [...unsent, 'in_doubt'], { to, tries, error, waitMs });
  }

  async function retryPolicyOf({ preference }: StoredMessage) {
    for (const name of preference) {
      const ready = await deps.serviceNamed(name);
      if (ready?.isEnabled === true) return ready.service.retryPolicy;
    }
    return usualPolicy;
  }

  return { trySending, notSent, canBeAsked };
}

const usualPolicy = { triesMax: 3, firstDelayMs: 1_000, backoffFactor: 2, delayMsMax: 60_000 };

function refusal({ code, value }: { code: string; value: unknown }): StoredMessageError {
  const message = code === 'recipient_invalid' ? 'It can not be sent to this recipient.' : 'It was refused.';
  const rawCode = typeof value === 'string' ? value.slice(0, 200) : undefined;
  return { code, message, ...(rawCode === undefined ? {} : { rawCode }) };
}
