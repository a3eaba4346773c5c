import type { Queryable } from '../pool';

/** What a channel calls one of our customers. */
export interface CustomerAccount {
  customerId: string;
  channelConfigId: string;
  providerRef: string;
}

interface Raw {
  customer_id: string;
  channel_config_id: string;
  provider_ref: string;
}

/** The accounts that are still there; a customer has as many as its merchant has channels. */
export async function listCustomerAccounts(db: Queryable, customerId: string): Promise<CustomerAccount[]> {
  const { rows } = await db.query<Raw>(
    `select customer_id, channel_config_id, provider_ref from customer_accounts
     where customer_id = $1 and removed_at is null order by channel_config_id limit 100`,
    [customerId],
  );
  return rows.map(fromRow);
}

export async function findCustomerAccount(
  db: Queryable,
  by: { channelConfigId: string } & ({ customerId: string } | { providerRef: string }),
): Promise<CustomerAccount | undefined> {
  const { rows } = await db.query<Raw>(
    `select customer_id, channel_config_id, provider_ref from customer_accounts
     where channel_config_id = $1 and ($2::uuid is null or customer_id = $2) and ($3::text is null or provider_ref = $3)
       and removed_at is null`,
    [
      by.channelConfigId,
      'customerId' in by ? by.customerId : null,
      'providerRef' in by ? by.providerRef : null,
    ],
  );
  return rows[0] && fromRow(rows[0]);
}

/** Written when the channel has made it; one that was removed there and made anew takes its place. */
export async function putCustomerAccount(db: Queryable, account: CustomerAccount): Promise<void> {
  await db.query(
    `insert into customer_accounts (customer_id, mode, channel_config_id, provider_ref)
     select id, mode, $2, $3 from customers where id = $1
     on conflict (customer_id, channel_config_id)
     do update set provider_ref = excluded.provider_ref, removed_at = null`,
    [account.customerId, account.channelConfigId, account.providerRef],
  );
}

export async function removeCustomerAccount(
  db: Queryable,
  { customerId, channelConfigId }: Pick<CustomerAccount, 'customerId' | 'channelConfigId'>,
): Promise<void> {
  await db.query(
    `with removed as (
       update customer_accounts set removed_at = now()
       where customer_id = $1 and channel_config_id = $2 and removed_at is null returning customer_id
     )
     update saved_methods set detached_at = now()
     where customer_id = $1 and channel_config_id = $2 and detached_at is null`,
    [customerId, channelConfigId],
  );
}

function fromRow(row: Raw): CustomerAccount {
  return {
    customerId: row.customer_id,
    channelConfigId: row.channel_config_id,
    providerRef: row.provider_ref,
  };
}
