import type { Order } from './order';

/** The page a customer sees. One file, no scripts: it has to work in any browser a phone has. */
export function checkoutPage(order: Order): string {
  const amount = formatted(order);
  return page(
    `Pay ${amount}`,
    `<p class="what">${escape(order.description || order.orderNo)}</p>
     <p class="amount">${escape(amount)}</p>
     ${order.status === 'pending' ? buttons(order) : ending(order)}
     <p class="small">Order ${escape(order.orderNo)}</p>`,
  );
}

export function noSuchOrderPage(): string {
  return page('No such order', '<p class="what">This checkout link leads nowhere.</p>');
}

function buttons(order: Order): string {
  return `<form method="post" action="/checkout/${order.token}/pay"><button class="pay">Pay</button></form>
    <form method="post" action="/checkout/${order.token}/decline"><button class="decline">Decline</button></form>
    <p class="small">Open until ${escape(new Date(order.expiresAt).toUTCString())}</p>`;
}

const endings: Record<Exclude<Order['status'], 'pending'>, string> = {
  authorized: 'The amount is reserved. Thank you!',
  paid: 'Paid. Thank you!',
  failed: 'The payment was declined.',
  cancelled: 'The shop has cancelled this order.',
  expired: 'This order was not paid in time.',
};

function ending(order: Order): string {
  const text = order.status === 'pending' ? '' : endings[order.status];
  const back = order.returnUrl
    ? `<a class="back" href="${escape(order.returnUrl)}" rel="noreferrer">Back to the shop</a>`
    : '';
  return `<p class="ending ${order.status}" role="status">${text}</p>${back}`;
}

function formatted(order: Order): string {
  if (order.currency === 'TWD') return `NT$ ${order.amount.toLocaleString('en')}`;
  const digits = String(order.amount).padStart(3, '0');
  return `${order.currency} ${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function escape(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · KPay sandbox</title><style>
:root { color-scheme: light dark; --ink: #1b2430; --paper: #fff; --back: #eef1f6; --quiet: #667085; --accent: #0b7a5b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf2; --paper: #1c232e; --back: #10151c; --quiet: #98a2b3; --accent: #2bb98f; } }
* { box-sizing: border-box; margin: 0; }
body { min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--back); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 24rem; padding: 2rem 1.5rem; border-radius: 1rem; background: var(--paper); box-shadow: 0 .5rem 2rem rgb(0 0 0 / .08); text-align: center; }
h1 { font-size: 1.1rem; color: var(--accent); } h1 span { color: var(--quiet); font-weight: 400; }
.what { margin-top: 1.5rem; overflow-wrap: anywhere; } .amount { font-size: 2.25rem; font-weight: 700; margin-bottom: 1.5rem; }
button, .back { display: block; width: 100%; min-height: 3rem; margin-top: .75rem; padding: .75rem; border: 0; border-radius: .75rem; font: inherit; font-weight: 600; cursor: pointer; text-decoration: none; }
.pay { background: var(--accent); color: var(--paper); } .decline, .back { background: transparent; color: var(--ink); border: 1px solid var(--quiet); }
button:focus-visible, .back:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.ending { font-weight: 600; } .paid, .authorized { color: var(--accent); } .failed, .expired, .cancelled { color: #c2410c; }
.small { margin-top: 1.25rem; font-size: .8rem; color: var(--quiet); overflow-wrap: anywhere; }
</style></head><body><main><h1>KPay 客樂得 <span>sandbox</span></h1>${content}</main></body></html>`;
}
