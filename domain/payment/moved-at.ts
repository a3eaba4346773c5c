import { bornAt } from '../ids';
import type { ChannelEvent, MovedMoney } from './outcome';

/**
 * When money is booked as moved: when the provider says it did, however late we hear of it, so that books by value
 * date are right after an outage too. Where it says nothing, now. A provider's clock is not ours, and may be wrong by
 * years: nothing has happened yet that lies ahead of now, and no money moved for what had not begun (`id` is the
 * payment's or the refund's, which carries its time). A time that does not read is none. Whoever tries again may find
 * another time here; a journal that is posted already stays as it is.
 */
export function effectiveTime({ movedAt }: Pick<MovedMoney, 'movedAt'>, id: string, now = new Date()): Date {
  const told = movedAt === undefined ? NaN : Date.parse(movedAt);
  if (Number.isNaN(told)) return now;
  const begun = bornAt(id)?.getTime() ?? told;
  return new Date(Math.min(Math.max(told, begun), now.getTime()));
}

/** What an event tells of money without a time of its own happened when the event did. */
export function dated(event: ChannelEvent): ChannelEvent {
  if (event.about === 'charge' && event.status.kind === 'succeeded') {
    const charge = movedBy(event.status.charge, event.occurredAt);
    return { ...event, status: { ...event.status, charge } };
  }
  if (event.about === 'refund' && event.status.kind === 'succeeded') {
    const refund = movedBy(event.status.refund, event.occurredAt);
    return { ...event, status: { ...event.status, refund } };
  }
  return event;
}

function movedBy(money: MovedMoney, occurredAt: string): MovedMoney {
  return { ...money, movedAt: money.movedAt ?? occurredAt };
}
