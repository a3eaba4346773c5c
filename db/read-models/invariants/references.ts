/** How the books name things, as SQL: a payment, a refund and a dispute by their ids, each step of them behind that. */
export const nameOf = (prefix: 'pay' | 'ref' | 'dsp' | 'adj' | 'key' | 'mer' | 'chc', id: string) =>
  `'${prefix}_' || replace(${id}::text, '-', '')`;

/** A charge is booked under the reference it has at the provider; late money with the provider's number behind it. */
export const chargeReference = (c: string) =>
  `${nameOf('pay', `${c}.payment_id`)} || '-' || ${c}.attempt_no || case when ${c}.disposition = 'suspense'
    then ':' || ${c}.provider_ref when ${c}.capture_no > 0 then '.c' || ${c}.capture_no else '' end`;

/** Late money that is given back goes by the name of its charge. */
export const refundReference = (r: string) =>
  `case when ${r}.kind <> 'late_money' then ${nameOf('ref', `${r}.id`)}
    else ${nameOf('pay', `${r}.payment_id`)} || '-' || ${r}.attempt_no || ':' || ${r}.charge_ref || ':returned' end`;
