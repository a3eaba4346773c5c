import fc from '../../support/properties';
import { maskRecipient } from '../../../domain/message/mask';
import {
  afterNews,
  messageStatuses,
  type MessageNews,
  type MessageStatus,
} from '../../../domain/message/status';

const anyNews = fc.constantFrom<MessageNews>('sent', 'delivered', 'undelivered');
const apply = (status: MessageStatus, news: MessageNews) => afterNews(status, news) ?? status;

it('news in any order, any number of times, end where the last word of them ends', () => {
  fc.assert(
    fc.property(fc.constantFrom(...messageStatuses), fc.array(anyNews, { minLength: 1 }), (begin, news) => {
      const end = news.reduce(apply, begin);
      expect([...news].reverse().reduce(apply, begin)).toBe(end);
      expect(news.reduce(apply, end)).toBe(end);
      expect(['sent', 'delivered', 'undelivered']).toContain(end);
    }),
  );
});

it('a mail may come back after it had arrived, and not the other way round', () => {
  expect(afterNews('delivered', 'undelivered')).toBe('undelivered');
  expect(afterNews('undelivered', 'delivered')).toBeUndefined();
  expect(afterNews('delivered', 'sent')).toBeUndefined();
  expect(afterNews('in_doubt', 'sent')).toBe('sent');
});

it.each([
  ['tea@example.com', 't***@example.com'],
  ['a@b@example.com', 'a***@example.com'],
  ['+886912345678', '+886******678'],
  ['+123456', '***'],
])('masks %s as %s', (recipient, masked) => {
  expect(maskRecipient(recipient)).toBe(masked);
});
