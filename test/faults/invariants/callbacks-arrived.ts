import { publicId } from '../../../domain/ids';
import type { Finding } from '../finding';
import type { Evidence } from './evidence';

/** The outbox against what the merchant's own server wrote down. */
export async function callbacksArrived({ database, callbacks }: Evidence): Promise<Finding> {
  const { rows } = await database.query<{ id: string; body: string; status: string; payment_id: string }>(
    'select id, body, status, payment_id from outbox',
  );
  const heard = new Map(callbacks.map((callback) => [callback.id, callback]));
  const sent = new Set<string>();
  const offenders: string[] = [];
  for (const { id, body, status, payment_id } of rows) {
    const name = publicId('event', id);
    const about = `${name} of ${publicId('payment', payment_id)}`;
    sent.add(name);
    const arrived = heard.get(name);
    if (arrived === undefined) offenders.push(`${about} (${status}) never arrived`);
    else if (arrived.isChanged || arrived.body !== body)
      offenders.push(`${about} arrived with another content`);
    else if ((JSON.parse(body) as { id: string }).id !== name)
      offenders.push(`${about} has another id inside`);
  }
  for (const { id } of callbacks)
    if (!sent.has(id)) offenders.push(`${id} arrived and was never written down`);
  offenders.push(...(await silentEnds(database)));
  return {
    name: 'I4',
    promise: 'every callback arrived at least once, under one id and with one content',
    checked: rows.length + callbacks.length,
    offenders,
  };
}

/** A payment that ended while its merchant had an address, and of whose end there is nothing to send. */
async function silentEnds(database: Evidence['database']): Promise<string[]> {
  const { rows } = await database.query<{ id: string; status: string }>(
    `select p.id, p.status from payments p where p.finished_at is not null and p.callback_endpoint_id is not null
       and not exists (select from outbox o where o.payment_id = p.id)`,
  );
  return rows.map(({ id, status }) => `${publicId('payment', id)} is ${status}, and no callback says so`);
}
