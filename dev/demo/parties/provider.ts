/** A provider's own side of things: its book, its bad days and its customers' banks. Sandboxes lay them open. */
export interface Provider {
  /** What it has written down under our reference; undefined if it never heard of it. */
  book(reference: string, signal: AbortSignal): Promise<BookEntry | undefined>;
  /** For orders with this description, so that it strikes nobody else's, whatever becomes of the story. */
  addFault(fault: WantedFault, signal: AbortSignal): Promise<Fault>;
  removeFault(fault: Fault, signal: AbortSignal): Promise<void>;
  /** All that were ordered, by whomever. */
  faults(signal: AbortSignal): Promise<Fault[]>;
  /** The customer goes to the bank about what was charged under this reference. */
  dispute(reference: string, signal: AbortSignal): Promise<string>;
  decide(disputeId: string, how: 'win' | 'lose', signal: AbortSignal): Promise<void>;
}

export interface WantedFault {
  kind: string;
  operation: string;
  description: string;
  count: number;
}

export interface Fault {
  id: number;
  kind: string;
  reference?: string;
  description?: string;
  /** Left out: it strikes again and again. */
  count?: number;
  struck: number;
}

export interface BookEntry {
  status: string;
  charges: number;
  creates: number;
  refunded_amount: number;
  disputes?: { dispute_id: string; status: string; evidence: number }[];
}

export function providerAt(baseUrl: string): Provider {
  async function call<T>(method: string, path: string, signal: AbortSignal, body?: object): Promise<T> {
    const response = await fetch(`${baseUrl}/sandbox${path}`, {
      method,
      signal,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as T;
  }

  return {
    async book(reference, signal) {
      const path = `/book?reference=${encodeURIComponent(reference)}`;
      return (await call<{ orders: BookEntry[] }>('GET', path, signal)).orders[0];
    },
    addFault: (fault, signal) => call('POST', '/faults', signal, fault),
    removeFault: async ({ id }, signal) => void (await call('DELETE', `/faults/${id}`, signal)),
    faults: async (signal) => (await call<{ faults: Fault[] }>('GET', '/faults', signal)).faults,
    async dispute(reference, signal) {
      const asked = { reference, reason_code: 'goods_not_received' };
      return (await call<{ dispute_id: string }>('POST', '/disputes', signal, asked)).dispute_id;
    },
    decide: async (disputeId, how, signal) =>
      void (await call('POST', `/disputes/${disputeId}/${how}`, signal)),
  };
}
