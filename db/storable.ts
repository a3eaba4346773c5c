/**
 * What others send may hold a NUL or half a character, and PostgreSQL has no text and no JSON with them: each becomes the
 * sign for what can't be shown, so that none of it is lost to a name that means something else.
 */
export function storable<Value>(value: Value): Value {
  return cleaned(value) as Value;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/[\u0000\ud800-\udfff]/gu, '\ufffd');
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [cleaned(name), cleaned(part)]));
}
