const flushMs = 25;

/** Tells finished orders in batches, so that telling costs the floor next to nothing. */
export function createDoneTeller(url: string): (orderId: string) => void {
  let finished: string[] = [];
  setInterval(() => {
    if (finished.length === 0) return;
    const body = JSON.stringify(finished);
    finished = [];
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(
      (response) => response.arrayBuffer(),
      () => undefined,
    );
  }, flushMs).unref();
  return (orderId) => void finished.push(orderId);
}
