import { METADATA_ENCODING_KEY, type Payload, type PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { createEnvelope, type EncryptionKey } from './envelope';

const encrypted = Buffer.from('binary/encrypted');

/**
 * What workflows and activities exchange, encrypted before it leaves the process. Whole payloads are wrapped,
 * so that the inner encoding is hidden too; one that is not ours passes as it is (histories from before).
 */
export function createPayloadCodec(keys: readonly EncryptionKey[]): PayloadCodec {
  const envelope = createEnvelope(keys, 'temporal');
  return {
    async encode(payloads) {
      return payloads.map((payload) => {
        const plain = Buffer.from(temporal.api.common.v1.Payload.encode(payload).finish());
        return { metadata: { [METADATA_ENCODING_KEY]: encrypted }, data: envelope.seal(plain, '') };
      });
    },
    async decode(payloads) {
      return payloads.map((payload) => (isEncrypted(payload) ? decrypted(payload) : payload));
    },
  };

  function decrypted(payload: Payload): Payload {
    const plain = envelope.open(Buffer.from(payload.data ?? []), '');
    return temporal.api.common.v1.Payload.decode(plain);
  }
}

function isEncrypted(payload: Payload): boolean {
  const encoding = payload.metadata?.[METADATA_ENCODING_KEY];
  return encoding != null && Buffer.from(encoding).equals(encrypted);
}
