import { hostname } from 'node:os';
import path from 'node:path';
import type { PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { toReadable, type Json } from '../readable';

const { Payload } = temporal.api.common.v1;
const { History } = temporal.api.history.v1;
/** As Temporal's own exports have it, but for times, which stay seconds and nanoseconds. */
const asJson = { enums: String, longs: String, bytes: String } as const;

const root = path.join(__dirname, '..', '..', '..');
const encrypted = Buffer.from('binary/encrypted').toString('base64');

/** The text of a history's file: payloads decrypted and readable, nothing about the machine it was made on. */
export async function recordedHistory(
  history: temporal.api.history.v1.IHistory,
  codec: PayloadCodec,
): Promise<string> {
  const decrypted = await decryptedIn(History.toObject(History.fromObject(history), asJson), codec);
  const text = JSON.stringify(toReadable(decrypted), null, 2)
    .replaceAll(`${root}/`, '')
    .replaceAll(new RegExp(`\\d+@${escaped(hostname())}`, 'g'), 'process@machine');
  return `${text}\n`;
}

async function decryptedIn(value: Json, codec: PayloadCodec): Promise<Json> {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return Promise.all(value.map((item) => decryptedIn(item, codec)));
  const metadata = value.metadata;
  if (metadata !== null && typeof metadata === 'object' && 'encoding' in metadata) {
    if (metadata.encoding !== encrypted) return value;
    const [payload] = await codec.decode([Payload.fromObject(value)]);
    return Payload.toObject(Payload.fromObject(payload ?? {}), asJson);
  }
  const entries = Object.entries(value).map(async ([name, item]) => [name, await decryptedIn(item, codec)]);
  return Object.fromEntries(await Promise.all(entries)) as Json;
}

const escaped = (text: string) => text.replaceAll(/[^A-Za-z0-9_-]/g, '\\$&');
