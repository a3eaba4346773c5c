import type { Queryable } from '../../db/pool';

/** What the product relies on, taken away from the run's own database: a run that still holds would prove nothing. */
const mutations: Record<string, string> = {
  // One number of a merchant's is one refund: only this key says so when the same one is asked for twice at once.
  refund_key_removed: 'alter table refund_keys drop constraint refund_keys_pkey',
};

/** The one that `PAYMENT_FAULTS_MUTATION` names, if it names one. */
export async function mutate(database: Queryable, name = process.env.PAYMENT_FAULTS_MUTATION): Promise<void> {
  if (name === undefined) return;
  const statement = mutations[name];
  if (statement === undefined) {
    throw new Error(`PAYMENT_FAULTS_MUTATION is one of ${Object.keys(mutations).join(', ')}, not "${name}".`);
  }
  await database.query(statement);
}
