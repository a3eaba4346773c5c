import type { Trade } from './trade';

/** What a customer's wallet shows after scanning. One file, no scripts: it has to work in any phone's browser. */
export function walletPage(trade: Trade): string {
  return page(
    `Pay NT$ ${trade.amount}`,
    `<p class="what">${escape(trade.subject || trade.orderNo)}</p>
     <p class="amount">NT$ ${escape(trade.amount.toLocaleString('en'))}</p>
     ${trade.state === 'WAIT_SCAN' ? buttons(trade) : ending(trade)}
     <p class="small">Trade ${escape(trade.tradeNo)}</p>`,
  );
}

export function noSuchTradePage(): string {
  return page('No such trade', '<p class="what">This QR code leads nowhere.</p>');
}

function buttons({ token }: Trade): string {
  return `<form method="post" action="/wallet/${token}/pay"><button class="pay">Pay in wallet</button></form>
    <form method="post" action="/wallet/${token}/decline"><button class="decline">Decline</button></form>`;
}

const endings: Record<Exclude<Trade['state'], 'WAIT_SCAN'>, string> = {
  SUCCESS: 'Paid from your wallet. Thank you!',
  FAIL: 'The payment was declined.',
  CLOSED: 'This code is no longer good.',
};

function ending(trade: Trade): string {
  const text = trade.state === 'WAIT_SCAN' ? '' : endings[trade.state];
  const back = trade.returnUrl
    ? `<p><a href="${escape(trade.returnUrl)}" rel="noreferrer">Back to the shop</a></p>`
    : '';
  return `<p class="ending" role="status">${text}</p>${back}`;
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
<title>${escape(title)} · TPay sandbox</title><style>
:root { color-scheme: light dark; --ink: #2a1a12; --paper: #fffaf5; --back: #f3e4d6; --quiet: #8a6f5e; --accent: #b4430f; }
@media (prefers-color-scheme: dark) { :root { --ink: #f6e9df; --paper: #2a1d16; --back: #170f0b; --quiet: #b89c8a; --accent: #ff9a5c; } }
* { box-sizing: border-box; margin: 0; }
body { min-height: 100vh; padding: 0; background: var(--back); color: var(--ink); font: 1.05rem/1.5 system-ui, sans-serif; display: flex; flex-direction: column; justify-content: flex-end; }
main { padding: 1.5rem; border-radius: 1.5rem 1.5rem 0 0; background: var(--paper); max-width: 28rem; width: 100%; margin: 0 auto; }
h1 { font-size: 1rem; color: var(--accent); } .amount { font-size: 2.5rem; font-weight: 800; margin: .5rem 0 1.5rem; }
.what { margin-top: 1rem; overflow-wrap: anywhere; } .ending { font-weight: 700; }
button { width: 100%; min-height: 3.25rem; margin-top: .75rem; border-radius: 999px; font: inherit; font-weight: 700; cursor: pointer; border: 1px solid var(--accent); }
.pay { background: var(--accent); color: var(--paper); } .decline { background: transparent; color: var(--ink); }
button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; } a { color: var(--accent); }
.small { margin-top: 1.25rem; font-size: .8rem; color: var(--quiet); overflow-wrap: anywhere; }
</style></head><body><main><h1>TPay 台灣里 wallet · sandbox</h1>${content}</main></body></html>`;
}
