import type { BookEntry } from '../../dev/sandboxes/kpay/control-api';

/** The provider's whole book, page by page. */
export async function readBook(kpayUrl: string): Promise<BookEntry[]> {
  const orders: BookEntry[] = [];
  for (let cursor: string | null = '0'; cursor !== null;) {
    const answer = await fetch(`${kpayUrl}/sandbox/book?cursor=${cursor}`);
    const page = (await answer.json()) as {
      orders: BookEntry[];
      next_cursor: string | null;
      evicted: number;
    };
    if (page.evicted > 0) throw new Error('the sandbox has forgotten orders: its book is no oracle any more');
    orders.push(...page.orders);
    cursor = page.next_cursor;
  }
  return orders;
}

/** How often each fault of the sandbox has struck; they are all taken back. */
export async function takeSandboxFaults(kpayUrl: string): Promise<Record<string, number>> {
  const answer = await fetch(`${kpayUrl}/sandbox/faults`);
  const { struck } = (await answer.json()) as { struck: Record<string, number> };
  await fetch(`${kpayUrl}/sandbox/faults`, { method: 'DELETE' });
  return struck;
}
