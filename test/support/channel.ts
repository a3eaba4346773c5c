import type { Database } from '../../db/pool';
import { writeChannel } from '../../db/stores/channel-versions-store';
import { createConfigVersions } from '../../db/stores/config-versions-store';
import { usualChannel } from '../../dev/seed-channels';
import { inTransaction } from '../../db/transaction';
import type { ChannelDocument } from '../../domain/channel/document';
import type { SecretBox } from '../../security/secret-box';

type Said = Pick<ChannelDocument, 'channel' | 'name' | 'baseUrl' | 'credentials' | 'currencies'>;

/** Configures a channel, or brings it to these values, as an operator's request does. */
export async function putChannel(
  where: { database: Database; secretBox: SecretBox },
  id: string,
  said: Said & Partial<ChannelDocument>,
): Promise<void> {
  const document: ChannelDocument = { ...usualChannel, ...said };
  const store = { secretBox: where.secretBox, versions: createConfigVersions(where) };
  await inTransaction(where.database, (transaction) =>
    writeChannel(transaction, store, { id, document, secretFields: ['credentials'], author: 'a test' }),
  );
}
