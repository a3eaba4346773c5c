import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { loadPastOfChannels, loadPastPayments } from '../../../db/read-models/past-payments';
import { loadFeePlansInEffect } from '../../../db/stores/fee-plans-store';
import { publicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import type { PaymentSetup } from '../../../domain/payment/plan';
import type { Mode } from '../../../domain/payment/reference';
import { createSimulator, type Simulation } from '../../../domain/routing/simulate';
import { ApiError } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { amountErrors, amountOutput } from '../../schemas/amount';
import { idInput, idOutput } from '../../schemas/ids';
import { modeField } from '../../schemas/mode';
import { documentInput, readDocument } from './schemas';

export interface SimulateDeps {
  database: Database;
  setupOf(merchantId: string, mode: Mode): Promise<PaymentSetup | undefined>;
}

const pageSize = 500;
const paymentsMax = 100_000;
/** A request lives longer; what is not played by then is not played. */
const withinMs = 12_000;
const dayMs = 86_400_000;
const merchantsMax = 10_000;

const count = z.object({ before: z.number(), after: z.number() });
const simulationOutput = z
  .object({
    object: z.literal('routing_simulation'),
    days: z.int(),
    isComplete: z.boolean().meta({ description: 'false: there were more payments than could be played.' }),
    payments: z.int(),
    moved: z.int().meta({ description: 'They would have gone to another channel first.' }),
    untaken: z.int().meta({ description: 'No channel would have taken them.' }),
    expectedApprovals: count.meta({ description: 'Each channel at the success rate it had in these days.' }),
    cost: z
      .array(z.object({ currency: z.string(), before: amountOutput, after: amountOutput }))
      .meta({ description: 'What channels charge by the fee plans of today.' }),
    channels: z.array(
      z.object({ id: idOutput('channelConfig'), channel: z.string(), before: z.int(), after: z.int() }),
    ),
    differences: z
      .array(
        z.object({
          paymentId: idOutput('payment'),
          from: idOutput('channelConfig'),
          to: idOutput('channelConfig').nullable(),
          reasons: z.array(z.object({ channel: z.string(), reason: z.string() })),
        }),
      )
      .meta({ description: 'The first twenty, newest first.' }),
  })
  .meta({ id: 'RoutingSimulation' });

const simulateInput = z
  .strictObject({
    mode: modeField,
    days: z.int().min(1).max(31).default(7),
    merchantId: idInput('merchant').optional(),
    document: documentInput,
  })
  .meta({ id: 'SimulateRouting' });

/** What other rules would have done to the payments of the last days, before anybody lives with them. */
export function simulateRoutes(deps: SimulateDeps): Route[] {
  const simulate = defineRoute({
    operationId: 'simulateRouting',
    method: 'post',
    path: '/routing/simulate',
    tag: 'Routing',
    summary: 'Play the payments of the last days again under other routing rules',
    description: 'Changes nothing. Shows what would differ, in expected approvals and in cost.',
    auth: 'admin',
    body: simulateInput,
    responses: { 200: { description: 'What would differ.', body: simulationOutput } },
    errors: amountErrors,
    handler: async ({ body: { mode, days, merchantId, document: written } }) => {
      const document = readDocument(written);
      if (document instanceof ApiError) return document;
      const since = new Date(Date.now() - days * dayMs);
      const past = await loadPastOfChannels(deps.database, mode, since);
      const simulator = createSimulator(document, past);
      const setups = new Map<string, PaymentSetup | undefined>();
      const deadline = Date.now() + withinMs;
      let isComplete = false;
      let before: string | undefined;
      while (!isComplete && simulator.simulation.payments < paymentsMax && Date.now() < deadline) {
        const page = { mode, merchantId, since, before, limit: pageSize };
        const rows = await loadPastPayments(deps.database, page);
        for (const row of rows) {
          const setup = await setupOf(row.merchantId);
          if (setup !== undefined) simulator.play(row.payment, setup);
        }
        before = rows.at(-1)?.payment.id;
        isComplete = rows.length < pageSize;
      }
      return { status: 200, body: present(simulator.simulation, days, isComplete) };

      async function setupOf(id: string): Promise<PaymentSetup | undefined> {
        if (!setups.has(id)) {
          if (setups.size >= merchantsMax) setups.clear();
          const setup = await deps.setupOf(id, mode);
          setups.set(id, setup && { ...setup, feePlans: await costPlansOf(setup) });
        }
        return setups.get(id);
      }

      /** Payments of the past may have gone through channels, and in currencies, that the merchant has no more. */
      function costPlansOf({ merchantId, candidates }: PaymentSetup) {
        const channelConfigIds = [
          ...past.keys(),
          ...candidates.map((candidate) => candidate.channelConfigId),
        ];
        const wanted = { payer: 'platform', merchantId, channelConfigIds } as const;
        return loadFeePlansInEffect(deps.database, wanted, new Date());
      }
    },
  });
  return [simulate];
}

function present(
  simulation: Simulation,
  days: number,
  isComplete: boolean,
): z.input<typeof simulationOutput> {
  const { payments, moved, untaken, expectedApprovals, cost, byChannel, differences } = simulation;
  const rounded = (value: number) => Math.round(value * 100) / 100;
  const channel = (id: string) => publicId('channelConfig', id);
  return {
    object: 'routing_simulation',
    ...{ days, isComplete, payments, moved, untaken },
    expectedApprovals: { before: rounded(expectedApprovals.before), after: rounded(expectedApprovals.after) },
    cost: [...cost].map(([currency, { before, after }]) => ({
      currency,
      before: formatAmount(before, currency),
      after: formatAmount(after, currency),
    })),
    channels: [...byChannel].map(([id, seen]) => ({ id: channel(id), ...seen })),
    differences: differences.map(({ id, from, to, reasons }) => ({
      paymentId: publicId('payment', id),
      from: channel(from),
      to: to === undefined ? null : channel(to),
      reasons,
    })),
  };
}
