/**
 * queued: to be sent. in_doubt: a provider may have taken it. sent: a provider has taken it. dead_letter: its tries are
 * used up, and it is tried again from time to time. abandoned: and that for too long.
 */
export const messageStatuses = [
  'queued',
  'in_doubt',
  'sent',
  'delivered',
  'undelivered',
  'refused',
  'dead_letter',
  'abandoned',
] as const;

export type MessageStatus = (typeof messageStatuses)[number];

/** What a provider tells of a message that it has. */
export type MessageNews = 'sent' | 'delivered' | 'undelivered';

/** Nothing more is done for it; news may still come. */
export function isMessageOver(status: MessageStatus): boolean {
  switch (status) {
    case 'delivered':
    case 'undelivered':
    case 'refused':
    case 'abandoned':
      return true;
    case 'queued':
    case 'in_doubt':
    case 'sent':
    case 'dead_letter':
      return false;
  }
}

/**
 * Where news lead; undefined if they change nothing. They come in any order and more than once, so a status only moves
 * on: what a provider has is never again "not sent", and a mail may bounce after its server had taken it, never before.
 */
export function afterNews(status: MessageStatus, news: MessageNews): MessageStatus | undefined {
  if (status === news || status === 'undelivered') return undefined;
  if (status === 'delivered') return news === 'undelivered' ? news : undefined;
  return news;
}
