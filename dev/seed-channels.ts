import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../db/pool';
import { readChannel, writeChannel } from '../db/stores/channel-versions-store';
import { createConfigVersions } from '../db/stores/config-versions-store';
import { inTransaction } from '../db/transaction';
import { secretFieldsOf } from '../domain/channel/credentials';
import type { ChannelDocument } from '../domain/channel/document';
import type { SecretBox } from '../security/secret-box';
import { channelSandboxes, sandboxedChannels, type SandboxedChannel } from './sandboxes/channels';

/** What a channel for testing is, where nobody says otherwise. */
export const usualChannel: Omit<
  ChannelDocument,
  'channel' | 'name' | 'currencies' | 'baseUrl' | 'credentials'
> = {
  mode: 'test',
  methods: null,
  limits: {},
  weight: 100,
  priority: 100,
  maintenance: [],
  webhookIpsAllowed: [],
  isEnabled: true,
  switched: 'on',
};

/**
 * A channel for each sandbox. A sandbox's address may be another at every start, its account after an update: the channel
 * follows them. Whatever else a person changed stays.
 */
export async function seedChannels(
  database: Database,
  secretBox: SecretBox,
  baseUrls: Record<SandboxedChannel, string>,
): Promise<void> {
  const store = { secretBox, versions: createConfigVersions({ secretBox }) };
  for (const channel of sandboxedChannels) {
    const { title, configId: id, credentialFields, ...sandbox } = channelSandboxes[channel];
    await inTransaction(database, async (transaction) => {
      const known = await readChannel(transaction, store, id);
      const document: ChannelDocument = {
        ...usualChannel,
        ...{ channel, name: `${title} sandbox`, currencies: [...sandbox.currencies] },
        ...known?.document,
        ...{ baseUrl: baseUrls[channel], credentials: { ...sandbox.credentials } },
      };
      // Version 0: earlier starts wrote it without any history.
      if (known !== undefined && known.version > 0 && isDeepStrictEqual(known.document, document)) return;
      await writeChannel(transaction, store, {
        ...{ id, document, author: 'the demo', secretFields: secretFieldsOf(credentialFields) },
        reason: known === undefined ? '' : 'as the sandbox is reached now',
      });
    });
  }
}
