import { createPayloadCodec } from '../../../security/payload-codec';
import { createSecretBox } from '../../../security/secret-box';
import { UnreadableCiphertextError } from '../../../security/envelope';

const old = { id: 'key-2025', key: Buffer.alloc(32, 1) };
const current = { id: 'key-2026', key: Buffer.alloc(32, 2) };

describe('secret box', () => {
  const box = createSecretBox([current, old]);

  it('gives back what was sealed, in the same place only', () => {
    const sealed = box.seal('whsec_1', 'endpoints/1');
    expect(sealed.includes('whsec_1')).toBe(false);
    expect(box.openText(sealed, 'endpoints/1')).toBe('whsec_1');
    expect(() => box.open(sealed, 'endpoints/2')).toThrow(UnreadableCiphertextError);
  });

  it('never uses a nonce twice, however many it draws, and all of them open', () => {
    const sealed = Array.from({ length: 1_000 }, () => box.seal('same', 'x'));
    const nonceAt = 2 + current.id.length + 16;
    const nonces = sealed.map((one) => one.toString('hex', nonceAt, nonceAt + 12));
    expect(new Set(nonces).size).toBe(1_000);
    expect(sealed.every((one) => box.openText(one, 'x') === 'same')).toBe(true);
  });

  it('rotates: a new first key encrypts, the one before it still decrypts, a removed one does not', () => {
    const before = createSecretBox([old]).seal('secret', 'x');
    expect(box.openText(before, 'x')).toBe('secret');
    expect(box.seal('secret', 'x').includes('key-2026')).toBe(true);
    expect(() => createSecretBox([current]).open(before, 'x')).toThrow('key-2025');
  });

  it('notices every altered byte', () => {
    const sealed = box.seal('secret', 'x');
    for (let index = 0; index < sealed.length; index += 1) {
      const altered = Buffer.from(sealed);
      altered[index] = (altered[index] ?? 0) ^ 1;
      expect(() => box.open(altered, 'x')).toThrow(UnreadableCiphertextError);
    }
    for (const length of [0, 1, 10, sealed.length - 1]) {
      expect(() => box.open(sealed.subarray(0, length), 'x')).toThrow(UnreadableCiphertextError);
    }
  });

  it('refuses to be made without keys, or with an id twice', () => {
    expect(() => createSecretBox([])).toThrow('At least one');
    expect(() => createSecretBox([old, { ...current, id: old.id }])).toThrow('same id');
  });
});

describe('payload codec', () => {
  const codec = createPayloadCodec([current, old]);
  const payload = {
    metadata: { encoding: Buffer.from('json/plain'), type: Buffer.from('order') },
    data: Buffer.from('{"orderId":"tea-1"}'),
  };

  it('hides data, encoding and type, and gives them back', async () => {
    const [encoded] = await codec.encode([payload]);
    expect(Object.keys(encoded?.metadata ?? {})).toEqual(['encoding']);
    expect(Buffer.from(encoded?.metadata?.encoding ?? []).toString()).toBe('binary/encrypted');
    expect(Buffer.from(encoded?.data ?? []).includes('tea-1')).toBe(false);
    const [decoded] = await codec.decode([encoded ?? {}]);
    expect(Buffer.from(decoded?.data ?? []).toString()).toBe('{"orderId":"tea-1"}');
    expect(Buffer.from(decoded?.metadata?.type ?? []).toString()).toBe('order');
  });

  it('leaves what is not encrypted as it is', async () => {
    expect(await codec.decode([payload])).toEqual([payload]);
  });

  it("reads older keys' payloads and no secret box's", async () => {
    const [older] = await createPayloadCodec([old]).encode([payload]);
    const [decoded] = await codec.decode([older ?? {}]);
    expect(Buffer.from(decoded?.data ?? []).toString()).toBe('{"orderId":"tea-1"}');
    const foreign = createSecretBox([current]).seal('x', '');
    await expect(
      codec.decode([{ metadata: { encoding: Buffer.from('binary/encrypted') }, data: foreign }]),
    ).rejects.toThrow(UnreadableCiphertextError);
  });
});
