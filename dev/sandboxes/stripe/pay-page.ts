import type { IncomingMessage } from 'node:http';
import { html, json, refusal, type Answer } from '../parts/http-answers';
import type { Book } from './book';
import type { Intent } from './objects';
import type { Teller } from './teller';

/** What a button of the page does, as one of Stripe's test cards. */
const buttons = {
  pay: { label: 'Pay', card: 'pm_card_visa' },
  decline: { label: 'Decline', card: 'pm_card_visa_chargeDeclined' },
  authenticate: { label: 'Pay with a card that always asks', card: 'pm_card_authenticationRequired' },
  dispute: { label: 'Pay, and go to the bank about it', card: 'pm_card_createDispute' },
} as const;

/**
 * The shop's own page with Stripe's fields in it, which at Stripe is the shop's to make: `/pay/{client_secret}`.
 * People get pages, scripts that accept JSON get JSON.
 */
export function answerPayPage(
  { book, teller }: { book: Book; teller: Teller },
  request: IncomingMessage,
  url: URL,
): Answer | undefined {
  const match = /^\/pay\/((pi_[0-9a-f]{1,64})_secret_[0-9a-f]{1,64})(?:\/([a-z]{1,20}))?$/.exec(url.pathname);
  if (match === null) return undefined;
  const [, secret = '', id = '', action] = match;
  const wantsJson = String(request.headers.accept).includes('application/json');
  const intent = book.find(id);
  if (intent?.clientSecret !== secret) {
    return wantsJson ? refusal(404, 'resource_missing', 'no such intent') : html(404, noSuchPage());
  }
  if (request.method === 'GET' && action === undefined) return html(200, payPage(intent));
  if (request.method !== 'POST' || action === undefined || !isButton(action)) return undefined;
  const result = teller.confirm(intent, buttons[action].card);
  if (wantsJson) {
    const isPlayed = result.ok || result.code === 'card_declined';
    return isPlayed ? json(200, { status: intent.status }) : refusal(409, result.code, result.code);
  }
  // A reload of what follows must not pay again.
  return { ...html(303, ''), headers: { location: `/pay/${secret}` } };
}

function isButton(action: string): action is keyof typeof buttons {
  return Object.hasOwn(buttons, action);
}

function payPage(intent: Intent): string {
  const amount = formatted(intent);
  const declined =
    intent.declineCode === null
      ? ''
      : `<p class="declined" role="alert">Declined: ${escape(intent.declineCode)}. Try another card.</p>`;
  return page(
    `Pay ${amount}`,
    `<p class="what">${escape(intent.description || intent.id)}</p><p class="amount">${escape(amount)}</p>
     ${intent.status === 'requires_payment_method' ? declined + forms(intent) : ending(intent)}
     <p class="small">${escape(intent.id)}</p>`,
  );
}

function forms({ clientSecret }: Intent): string {
  return Object.entries(buttons)
    .map(
      ([action, { label }]) =>
        `<form method="post" action="/pay/${clientSecret}/${action}"><button class="${action}">${label}</button></form>`,
    )
    .join('\n');
}

const endings: Record<Intent['status'], string> = {
  requires_payment_method: '',
  requires_confirmation: 'The shop has still to confirm this payment.',
  requires_capture: 'The amount is reserved. Thank you!',
  succeeded: 'Paid. Thank you!',
  canceled: 'The shop has cancelled this payment.',
};

function ending({ status }: Intent): string {
  return `<p class="ending" role="status">${endings[status]}</p>`;
}

function noSuchPage(): string {
  return page('No such payment', '<p class="what">This link leads nowhere.</p>');
}

function formatted({ amount, currency }: Intent): string {
  if (currency === 'twd') return `NT$ ${(amount / 100).toLocaleString('en')}`;
  if (currency === 'jpy') return `JPY ${amount.toLocaleString('en')}`;
  const digits = String(amount).padStart(3, '0');
  return `${currency.toUpperCase()} ${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · Stripe sandbox</title><style>
:root { color-scheme: light dark; --ink: #1a1f36; --paper: #fff; --back: #f6f8fa; --quiet: #6a7383; --accent: #5851df; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8f0; --paper: #1b1e2e; --back: #11131f; --quiet: #9aa2b5; --accent: #9d98ff; } }
* { box-sizing: border-box; margin: 0; }
body { min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--back); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 24rem; padding: 2rem 1.5rem; border: 1px solid color-mix(in srgb, var(--quiet) 30%, transparent); border-radius: .5rem; background: var(--paper); }
h1 { font-size: .9rem; color: var(--quiet); font-weight: 500; } .what { margin-top: 1rem; overflow-wrap: anywhere; }
.amount { font-size: 2rem; font-weight: 700; margin-bottom: 1.25rem; } .ending { font-weight: 600; color: var(--accent); } .declined { color: #c2410c; }
button { width: 100%; min-height: 2.75rem; margin-top: .6rem; border-radius: .35rem; border: 1px solid var(--quiet); background: transparent; color: var(--ink); font: inherit; font-weight: 600; cursor: pointer; }
.pay { background: var(--accent); border-color: var(--accent); color: var(--paper); } button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.small { margin-top: 1.25rem; font-size: .8rem; color: var(--quiet); overflow-wrap: anywhere; }
</style></head><body><main><h1>The shop's page · Stripe sandbox</h1>${content}</main></body></html>`;
}
