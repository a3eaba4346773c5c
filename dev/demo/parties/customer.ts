/** A customer with a browser: sees pages, follows addresses and presses the buttons that are there. */
export interface CheckoutPage {
  url: string;
  title: string;
  /** The label of each button, and where pressing it leads. */
  buttons: ReadonlyMap<string, string>;
  /** What the page says about how it went; undefined while it can still be paid. */
  ending: string | undefined;
}

export async function openPage(url: string, signal: AbortSignal): Promise<CheckoutPage> {
  return read(await fetch(url, { signal, headers: { accept: 'text/html' } }));
}

/** The shop's page posts a form from the customer's browser, and the provider's page opens. */
export async function postForm(
  url: string,
  fields: Record<string, string>,
  signal: AbortSignal,
): Promise<CheckoutPage> {
  const body = new URLSearchParams(fields);
  return read(await fetch(url, { method: 'POST', signal, headers: { accept: 'text/html' }, body }));
}

/** Presses a button and lands, as browsers do, on the page that follows. */
export async function press(page: CheckoutPage, label: string, signal: AbortSignal): Promise<CheckoutPage> {
  const target = page.buttons.get(label);
  if (target === undefined) throw new Error(`there is no button "${label}" on ${page.url}`);
  return read(await fetch(target, { method: 'POST', signal, headers: { accept: 'text/html' } }));
}

async function read(response: Response): Promise<CheckoutPage> {
  const html = await response.text();
  if (!response.ok) throw new Error(`${response.url} was answered ${response.status}`);
  const forms = html.matchAll(/<form method="post" action="([^"]+)"><button[^>]*>([^<]+)<\/button>/g);
  return {
    url: response.url,
    title: /<title>([^<]*)<\/title>/.exec(html)?.[1] ?? '',
    buttons: new Map(
      [...forms].map(([, action = '', label = '']) => [label, new URL(action, response.url).href]),
    ),
    ending: /role="status">([^<]*)</.exec(html)?.[1],
  };
}
