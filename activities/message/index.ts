import { loadMessage } from '../../db/stores/messages-store';
import type { MessageProgress } from '../../workflows/contracts';
import { failure } from '../failures';
import type { MessageDeps } from './deps';
import { createFollow } from './follow';
import { createSend } from './send';
import { createSettle } from './settle';

/** The next step of a message, by what its row says; any of them may run again. */
export function createMessageActivities(deps: MessageDeps) {
  const sending = createSend(deps, createSettle(deps));
  const following = createFollow(deps, sending);

  async function attendMessage(messageId: string): Promise<MessageProgress> {
    const message = await loadMessage(deps.database, messageId);
    if (message === undefined) throw failure('NotFound', 'there is no such message');
    switch (message.status) {
      case 'queued':
      case 'dead_letter':
        return sending.trySending(message);
      case 'in_doubt':
        return following.clearUp(message);
      case 'sent':
        return following.followDelivery(message);
      case 'delivered':
      case 'undelivered':
      case 'refused':
      case 'abandoned':
        return { status: message.status };
    }
  }

  return { attendMessage };
}
