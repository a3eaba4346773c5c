import { json, type Answer } from './http-answers';

/** `GET /`: what this is, for whoever opens the address that `npm start` printed. */
export function answerRoot(url: URL, title: string, page: string): Answer | undefined {
  if (url.pathname !== '/') return undefined;
  return json(200, {
    what: `${title}, played by Durapay's sandbox: nothing here is real money.`,
    contract: `docs/channels/${page}.md, the sandbox's own paths at its end`,
    book: '/sandbox/book',
    faults: '/sandbox/faults',
  });
}
