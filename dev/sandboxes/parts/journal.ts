import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const eventSchema = z.object({
  id: z.string(),
  type: z.string(),
  orderNo: z.string(),
  notifyUrl: z.string(),
  body: z.string(),
  createdAt: z.number(),
});

/** A webhook on its way: the body is made once, the signature at each delivery. */
export type WebhookEvent = z.infer<typeof eventSchema>;

type Line<Order> = { order: Order } | { event: WebhookEvent } | { settled: string };

/** The book on disk: one line for each change, written before it is answered, so that even a kill loses nothing. */
export interface Journal<Order> {
  readonly orders: Order[];
  readonly unsettledEvents: WebhookEvent[];
  append(line: Line<Order>): void;
  close(): void;
}

export function openJournal<Order extends { orderNo: string }>(
  file: string | undefined,
  orderSchema: z.ZodType<Order>,
): Journal<Order> {
  if (file === undefined) {
    return { orders: [], unsettledEvents: [], append: () => undefined, close: () => undefined };
  }
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  const { orders, events } = read(file, orderSchema);
  compact(file, orders, events);
  const descriptor = fs.openSync(file, 'a');
  let isOpen = true;
  return {
    orders,
    unsettledEvents: events,
    append(line) {
      // A customer may still pay while the sandbox closes: as with any shop, that is too late.
      if (isOpen) fs.writeSync(descriptor, `${JSON.stringify(line)}\n`);
    },
    close() {
      isOpen = false;
      fs.closeSync(descriptor);
    },
  };
}

function read<Order extends { orderNo: string }>(
  file: string,
  orderSchema: z.ZodType<Order>,
): { orders: Order[]; events: WebhookEvent[] } {
  const lineSchema = z.union([
    z.object({ order: orderSchema }),
    z.object({ event: eventSchema }),
    z.object({ settled: z.string() }),
  ]);
  const orders = new Map<string, Order>();
  const events = new Map<string, WebhookEvent>();
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  for (const line of text.split('\n')) {
    const parsed = lineSchema.safeParse(parseLine(line)).data;
    if (parsed === undefined) continue;
    if ('order' in parsed) orders.set(parsed.order.orderNo, parsed.order);
    else if ('event' in parsed) events.set(parsed.event.id, parsed.event);
    else events.delete(parsed.settled);
  }
  return { orders: [...orders.values()], events: [...events.values()] };
}

/** A line cut short by a kill is the last one; its change was not answered either. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function compact<Order>(file: string, orders: Order[], events: WebhookEvent[]): void {
  const lines: Line<Order>[] = [...orders.map((order) => ({ order })), ...events.map((event) => ({ event }))];
  const fresh = `${file}.new`;
  fs.writeFileSync(fresh, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  fs.renameSync(fresh, file);
}
