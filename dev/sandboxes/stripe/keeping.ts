import { z } from 'zod';
import { openJournal, type Journal } from '../parts/journal';
import { customerSchema, methodSchema, type Customer, type Method } from './customers';
import { intentSchema, type Intent } from './objects';

const keptSchema = z.union([
  z.object({ orderNo: z.string(), intent: intentSchema }),
  z.object({ orderNo: z.string(), customer: customerSchema }),
  z.object({ orderNo: z.string(), method: methodSchema }),
]);

type Kept = z.infer<typeof keptSchema>;

/** The sandbox's memory on disk, by what each line is about; the journal knows each by its id. */
export interface Keeping {
  intents: Intent[];
  customers: Customer[];
  methods: Method[];
  journal: Journal<Kept>;
}

export function openKeeping(file: string | undefined): Keeping {
  const journal = openJournal<Kept>(file, keptSchema);
  return {
    journal,
    intents: journal.orders.flatMap((kept) => ('intent' in kept ? [kept.intent] : [])),
    customers: journal.orders.flatMap((kept) => ('customer' in kept ? [kept.customer] : [])),
    methods: journal.orders.flatMap((kept) => ('method' in kept ? [kept.method] : [])),
  };
}
