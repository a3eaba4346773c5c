import { isByNumber, type Order } from './order';

/** What a customer sees after the shop's form was posted. One file, no scripts. */
export function cashierPage(order: Order): string {
  return page(
    `Pay NT$ ${order.amount}`,
    `<p class="what">${escape(order.itemName)}</p>
     <p class="amount">NT$ ${escape(order.amount.toLocaleString('en'))}</p>
     ${order.state === 'open' ? choices(order) : ending(order)}
     <p class="small">${escape(order.way)} · order ${escape(order.orderNo)} · trade ${escape(order.tradeNo)}</p>`,
  );
}

export function refusedPage(reason: string): string {
  return page('Not possible', `<p class="what" role="status">${escape(reason)}</p>`);
}

function choices(order: Order): string {
  if (!isByNumber(order.way)) return button(order, 'pay', 'Pay') + button(order, 'decline', 'Decline');
  if (order.number === null) return button(order, 'number', 'Get the number to pay by');
  const rows = Object.entries(order.number).map(
    ([name, value]) => `<tr><th scope="row">${escape(name)}</th><td>${escape(value)}</td></tr>`,
  );
  return `<table>${rows.join('')}</table>${button(order, 'pay', 'Pay as if at the bank or till')}${back(order)}`;
}

function button({ token }: Order, action: string, label: string): string {
  return `<form method="post" action="/cashier/${token}/${action}"><button class="${action}">${label}</button></form>`;
}

function ending(order: Order): string {
  const text = order.state === 'paid' ? 'Paid. Thank you!' : 'The payment was declined.';
  return `<p class="ending" role="status">${text}</p>${back(order)}`;
}

function back({ clientBackUrl }: Order): string {
  return clientBackUrl === null
    ? ''
    : `<p><a href="${escape(clientBackUrl)}" rel="noreferrer">Back to the shop</a></p>`;
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
<title>${escape(title)} · ECPay sandbox</title><style>
:root { color-scheme: light dark; --ink: #14261b; --paper: #fff; --back: #e8f2ea; --quiet: #5f7567; --accent: #137a3c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6f2e9; --paper: #17231b; --back: #0c130f; --quiet: #95ab9c; --accent: #57c983; } }
* { box-sizing: border-box; margin: 0; }
body { min-height: 100vh; padding: 1rem; background: var(--back); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 26rem; margin: 2rem auto; padding: 1.5rem; border-top: .4rem solid var(--accent); border-radius: .5rem; background: var(--paper); }
h1 { font-size: 1rem; color: var(--accent); } .amount { font-size: 2.25rem; font-weight: 700; margin: .5rem 0 1rem; }
.what { margin-top: 1rem; overflow-wrap: anywhere; } .ending { font-weight: 700; }
table { width: 100%; margin: .5rem 0; border-collapse: collapse; } th, td { padding: .35rem 0; text-align: left; border-bottom: 1px solid var(--back); overflow-wrap: anywhere; }
button { width: 100%; min-height: 3rem; margin-top: .75rem; border: 1px solid var(--accent); border-radius: .4rem; font: inherit; font-weight: 600; cursor: pointer; background: var(--accent); color: var(--paper); }
.decline { background: transparent; color: var(--ink); }
button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; } a { color: var(--accent); }
.small { margin-top: 1.25rem; font-size: .8rem; color: var(--quiet); overflow-wrap: anywhere; }
</style></head><body><main><h1>ECPay 綠界 cashier · sandbox</h1>${content}</main></body></html>`;
}
