import { html, json, type Answer } from '../parts/http-answers';
import type { Book } from './book';
import type { Letter } from './letter';

const lettersShownMax = 200;

/** The inbox: `/` for people, `/inbox.json` for scripts; `?to=` and `?kind=mail|sms` narrow it down. */
export function answerInbox(book: Book, url: URL): Answer | undefined {
  if (url.pathname === '/inbox.json') return json(200, { messages: wanted(book, url).map(entryOf) });
  if (url.pathname === '/' || url.pathname === '/inbox') return html(200, page(wanted(book, url)));
  return undefined;
}

/** One message as scripts and tests read it. */
export interface InboxEntry {
  id: string;
  provider: Letter['provider'];
  account: string;
  kind: Letter['kind'];
  reference: string;
  from: string;
  to: string;
  subject: string;
  text: string;
  html: string | null;
  status: Letter['status'];
  created_at: string;
}

export function entryOf({
  orderNo,
  createdAt,
  newsUrl: _newsUrl,
  endedAt: _endedAt,
  ...letter
}: Letter): InboxEntry {
  return { id: orderNo, ...letter, created_at: new Date(createdAt).toISOString() };
}

function wanted(book: Book, { searchParams }: URL): Letter[] {
  const to = searchParams.get('to');
  const kind = searchParams.get('kind');
  return book
    .newestFirst()
    .filter((letter) => to === null || letter.to === to)
    .filter((letter) => kind === null || letter.kind === kind)
    .slice(0, lettersShownMax);
}

function page(letters: Letter[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Postbox</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
  article { border: 1px solid #ccc; border-radius: 6px; padding: .8rem 1rem; margin: 1rem 0; }
  header { display: flex; gap: .6rem; flex-wrap: wrap; color: #555; font-size: .85rem; }
  h2 { font-size: 1rem; margin: .4rem 0; } pre { white-space: pre-wrap; margin: .4rem 0; font: inherit; }
  .delivered { color: #176b2c; } .undelivered { color: #a11; }
</style></head><body>
<h1>Postbox</h1>
<p>Mail and SMS that this machine's Durapay has sent, the newest first; no real person got any of it.
The same for scripts: <a href="/inbox.json">/inbox.json</a>.</p>
${letters.length === 0 ? '<p>Nothing yet.</p>' : letters.map(article).join('\n')}
</body></html>`;
}

function article(letter: Letter): string {
  const { kind, provider, account, from, to, status } = letter;
  const where = provider === account ? provider : `${provider} (${account})`;
  return `<article id="${escaped(letter.orderNo)}">
<header><b>${kind === 'mail' ? 'Mail' : 'SMS'}</b><span>through ${escaped(where)}</span>
<span>from ${escaped(from)}</span><span>to ${escaped(to)}</span>
<time>${new Date(letter.createdAt).toISOString()}</time><b class="${status}">${status}</b></header>
${letter.subject === '' ? '' : `<h2>${escaped(letter.subject)}</h2>`}
<pre>${escaped(letter.text)}</pre>
${letter.html === null ? '' : `<iframe sandbox title="HTML" srcdoc="${escaped(letter.html)}"></iframe>`}
</article>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
