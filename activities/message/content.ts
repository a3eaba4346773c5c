import { publicId } from '../../domain/ids';
import type { StoredMessage } from '../../db/stores/messages-store';
import type { OutgoingMessage } from '../../integrations/messaging/messaging-provider';

/** What is sealed in the row. */
export interface MessageContent {
  recipient: string;
  subject?: string;
  body: string;
  html?: string;
}

/** Ours and the provider's common name of it. */
export function messageReference({ id }: Pick<StoredMessage, 'id'>): string {
  return publicId('message', id);
}

export function outgoing(message: StoredMessage, content: MessageContent, newsUrl: string): OutgoingMessage {
  const { recipient: to, subject = '', body: text, html } = content;
  const reference = messageReference(message);
  return message.kind === 'mail'
    ? { kind: 'mail', reference, to, subject, text, ...(html === undefined ? {} : { html }) }
    : { kind: 'sms', reference, to, text, statusUrl: newsUrl };
}
