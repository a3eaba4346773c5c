import type { Faults } from '../parts/faults';
import type { PostboxAccounts } from './account';
import type { Book } from './book';
import type { Courier } from './courier';

export interface PostboxDependencies {
  accounts: PostboxAccounts;
  book: Book;
  courier: Courier;
  faults: Faults;
  /** Where each account's events go, as one sets it in SendGrid's dashboard. */
  webhooks: Map<string, string>;
  now: () => number;
  /** One number for each message that is taken, for ever. */
  nextNo: () => number;
}
