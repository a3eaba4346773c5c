/**
 * Recorded payloads as people read them in a diff. Temporal's JSON has them in base64; here
 * `{"$json": …}` is a payload of JSON with its content, and every other payload stays as it is.
 */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };

export function toReadable(value: Json): Json {
  return mapped(value, (object): Json | undefined => {
    const { encoding, type, ...others } = textsOf(object.metadata);
    if (encoding !== 'json/plain' || Object.keys(others).length > 0) return undefined;
    const readable: JsonObject = { $json: JSON.parse(fromBase64(object.data)) as Json };
    if (type !== undefined) readable.$type = type;
    return readable;
  });
}

export function fromReadable(value: Json): Json {
  return mapped(value, (object): Json | undefined => {
    if (object.$json === undefined) return undefined;
    const metadata: JsonObject = { encoding: toBase64('json/plain') };
    if (typeof object.$type === 'string') metadata.type = toBase64(object.$type);
    return { metadata, data: toBase64(JSON.stringify(object.$json)) };
  });
}

/** Every object that `change` knows is replaced, and not looked into. */
function mapped(value: Json, change: (object: JsonObject) => Json | undefined): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => mapped(item, change));
  return (
    change(value) ??
    Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapped(item, change)]))
  );
}

function textsOf(metadata: Json | undefined): Record<string, string> {
  if (metadata === undefined || metadata === null || typeof metadata !== 'object') return {};
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, fromBase64(value)]));
}

const toBase64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
const fromBase64 = (value: Json | undefined) =>
  Buffer.from(typeof value === 'string' ? value : '', 'base64').toString('utf8');
