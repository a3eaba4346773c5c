import { hasCardNumber } from '../domain/card-number';

/** What stands where something was left out. */
const redacted = '[redacted]';

const payloadCharactersMax = 4_096;
const endpointCharactersMax = 1_024;
/** Deeper than any provider's message; what lies below is left out. */
const depthMax = 30;

/**
 * Names under which secrets and personal data come, whatever is below them. Amounts, states, ids and error codes
 * are what a log is read for: they stay.
 */
const sensitiveName = new RegExp(
  [
    'secret|token|passw|pwd|credential|private|authorization|api[-_]?key|access[-_]?key|signature|mac_?value',
    'card|cvv|cvc|iban|account_?(no|num|holder|name)|e?mail|phone|mobile|recipient|customer|buyer|payer|cardholder',
    'address|street|postal|postcode|birth|evidence|document|base64|attachment|template_?param|personalization',
    '^(sign|hmac|mac|hashkey|hashiv|pan|name|first_?name|last_?name|full_?name|to|cc|bcc|from|subject|content|body)$',
    '^(text|html|ip|city|zip|number)$',
  ].join('|'),
  'i',
);

/** Providers say the same few hundred names over and over: each is judged once. */
const judged = new Map<string, boolean>();
const judgedMax = 5_000;

function isSensitive(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const found = sensitiveName.test(name);
  if (judged.size < judgedMax && name.length <= 100) judged.set(name, found);
  return found;
}

/** As many digits as a card has at least, with no more between them than people write. */
const maybeCard = /(?:\p{Nd}[\s\p{Pd}_]{0,2}){13}/u;

const mailAddress = /[^\s"'<>:,;/?&=]+@[^\s"'<>:,;/?&=]+\.[a-z]{2,}/gi;

/** A configuration's secrets in every form in which they travel. */
export function secretForms(secrets: Iterable<unknown>): string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    // Shorter ones would blot out half of every message, and protect nothing.
    if (typeof secret !== 'string' || secret.length < 6) continue;
    forms.add(secret);
    forms.add(encodeURIComponent(secret));
    forms.add(JSON.stringify(secret).slice(1, -1));
    forms.add(Buffer.from(secret).toString('base64'));
  }
  // The longest first: one may be a part of another.
  return [...forms].sort((left, right) => right.length - left.length);
}

/** What was too long to be kept at all. */
const isSize = /^\[\d+ characters\]$/;

/** For messages of our own making, into which a provider's words may have come. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, redacted);
  return clean;
}

/** A body, fit to be kept: JSON and forms field by field, of anything else only its size. */
export function redactPayload(text: string, secrets: readonly string[]): string {
  if (text === '' || isSize.test(text)) return text;
  return cut(withoutSecrets(fields(text), secrets), payloadCharactersMax);
}

export function redactEndpoint(method: string, url: string, secrets: readonly string[]): string {
  const [path = '', query] = url.split('?', 2);
  const rest = query === undefined ? '' : `?${form(query)}`;
  return cut(withoutSecrets(`${method} ${leaf(path)}${rest}`, secrets), endpointCharactersMax);
}

function fields(text: string): string {
  const json = parse(text);
  if (json !== undefined) return JSON.stringify(mask(json, 0));
  if (/^[^\s=&<{]{1,200}=\S*$/.test(text)) return form(text);
  return `[${text.length} characters]`;
}

/** In place: what was parsed belongs to nobody else. */
function mask(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return leaf(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > depthMax) return redacted;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) value[index] = mask(value[index], depth + 1);
    return value;
  }
  const fields = value as Record<string, unknown>;
  for (const name of Object.keys(fields)) {
    const inner = fields[name];
    fields[name] = isEmpty(inner) || !isSensitive(name) ? mask(inner, depth + 1) : redacted;
  }
  return fields;
}

/** That there is none is worth knowing. */
function isEmpty(value: unknown): boolean {
  return value === null || value === '' || typeof value === 'boolean';
}

function form(text: string): string {
  const pairs = [...new URLSearchParams(text)].map(([name, value]) => {
    const isHidden = value !== '' && isSensitive(name);
    return `${name}=${isHidden ? redacted : leaf(value)}`;
  });
  return pairs.join('&');
}

function leaf(text: string): string {
  if (text.length >= 13 && maybeCard.test(text) && hasCardNumber(text)) return redacted;
  return text.includes('@') ? text.replace(mailAddress, redacted) : text;
}

function parse(text: string): unknown {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}…`;
}
