import { dispute } from './stories/dispute';
import { failover } from './stories/failover';
import { money } from './stories/money';
import { payment } from './stories/payment';
import { refund } from './stories/refund';
import { routing } from './stories/routing';
import type { Story } from './story';

/** All stories there are. A new one: a file in `stories/`, and its line here. */
export const stories: readonly Story[] = [payment, refund, money, failover, routing, dispute];
