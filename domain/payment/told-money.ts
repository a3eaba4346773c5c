import type { ChannelEvent, MovedMoney } from './outcome';
import { parseAttemptReference, type AttemptName } from './reference';

export interface ToldMoney {
  attempt: AttemptName;
  reference: string;
  charge: MovedMoney;
}

/** Money that an event says was taken or reserved under a name that only we give. */
export function toldMoney(event: ChannelEvent): ToldMoney | undefined {
  if (event.about !== 'charge') return undefined;
  const { reference, status } = event;
  const attempt = parseAttemptReference(reference);
  if (attempt === undefined || (status.kind !== 'succeeded' && status.kind !== 'authorized'))
    return undefined;
  return { attempt, reference, charge: status.charge };
}
