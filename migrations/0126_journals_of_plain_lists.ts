import type { Knex } from 'knex';
import { lookingAtARow, referenceOf } from './0118_journals_looked_at_by_row';
import { plainAccountIds, rowText } from './0125_leaner_sealing';

/** As the poster writes them: PostgreSQL's arrays may have several dimensions, and begin elsewhere than at 1. */
const isPlain = (list: string) => `array_ndims(${list}) = 1 and array_lower(${list}, 1) = 1`;

export const isWellFormed = (journal: string) =>
  `${referenceOf(journal)} and ${isPlain(`${journal}.account_ids`)} and ${isPlain(`${journal}.amounts`)}`;

/** Of what was written before it was refused, and is not sealed yet. */
const anyAccountIds = `case when ${isPlain('j.account_ids')}
      then ${plainAccountIds} else ledger_field(j.account_ids::text) end`;

/**
 * The length of accounts as text was reckoned for a plain list: whoever wrote another ended the chain there for good, for
 * its seal never verified. Such a journal is refused now.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`${lookingAtARow(isWellFormed)}${rowText(anyAccountIds)}`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`${lookingAtARow(referenceOf)}${rowText(plainAccountIds)}`);
}
