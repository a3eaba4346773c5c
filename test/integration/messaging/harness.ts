import { startPostbox, type Postbox } from '../../../dev/sandboxes/postbox/sandbox';
import { createCaller } from '../../../integrations/call';
import { createHttpClient } from '../../../integrations/http-exchange';
import type { MessagingAdapter, OutgoingMessage } from '../../../integrations/messaging/messaging-provider';
import { createServiceAdapters } from '../../../integrations/services/adapters';
import type { ServiceCall } from '../../../integrations/services/service-adapter';
import { createLog } from '../../../telemetry/log';

export const kinds = ['SENDGRID', 'TWILIO', 'ALIYUN_SMS'] as const;
export type Kind = (typeof kinds)[number];

export interface Harness {
  postbox: Postbox;
  adapter: MessagingAdapter;
  /** What a fault's `reference` is, to strike this account. */
  account: string;
  call(over?: Record<string, string>, timeoutMs?: number): ServiceCall;
  message(over?: { to?: string; text?: string }): OutgoingMessage;
  logLines: string[];
  close(): Promise<void>;
}

let messages = 0;

/** An adapter as the product has it, against a postbox in this process. */
export async function startHarness(kind: Kind): Promise<Harness> {
  const postbox = await startPostbox({ deliverMs: 20, webhookRetryFirstMs: 20 });
  const logLines: string[] = [];
  const log = createLog({
    level: 'debug',
    process: 'test',
    destination: { write: (line) => void logLines.push(line) },
  });
  const http = createHttpClient({
    connectionsPerOriginMax: 10,
    connectTimeoutMs: 1_000,
    answerBytesMax: 100_000,
  });
  const caller = createCaller({
    log,
    metrics: { called: () => undefined, breakerChanged: () => undefined, heldBack: () => undefined },
    concurrencyMax: 10,
    queueMax: 10,
  });
  const { all } = createServiceAdapters({ caller, http, now: () => new Date() });
  const adapter = all.find((known) => known.kind === kind) as MessagingAdapter;
  // With its defaults, as the registry keeps it.
  const configurations = adapter.configurationSchema.parse(configurationOf(kind, postbox));

  return {
    postbox,
    adapter,
    account: { SENDGRID: 'primary', TWILIO: 'twilio', ALIYUN_SMS: 'aliyun' }[kind],
    logLines,
    call: (over = {}, timeoutMs = 5_000) => ({
      service: {
        id: `svc_${kind}`,
        name: kind,
        serviceType: adapter.serviceType,
        kind,
        configurations: { ...configurations, ...over },
        timeoutMs,
        retryPolicy: { triesMax: 1, firstDelayMs: 1, backoffFactor: 1, delayMsMax: 1 },
      },
      timeoutMs,
      correlationId: 'test',
    }),
    message({ to, text = 'Your tea is on its way.' } = {}) {
      messages += 1;
      const reference = `msg_${messages.toString(16).padStart(32, '0')}`;
      return adapter.messageKind === 'mail'
        ? { kind: 'mail', reference, to: to ?? 'customer@example.com', subject: 'Welcome', text }
        : { kind: 'sms', reference, to: to ?? '+8613900001111', text };
    },
    async close() {
      caller.close();
      await http.close();
      await postbox.close();
    },
  };
}

/** As an administrator would write it. */
export function configurationOf(kind: Kind, { url: baseUrl, accounts }: Postbox) {
  const { sendgrid, sendgridPublicKey, twilio, aliyun } = accounts;
  const given: Record<Kind, Record<string, string>> = {
    SENDGRID: {
      apiKey: sendgrid['primary'] ?? '',
      fromEmail: 'tea@shop.example',
      fromName: 'Tea House',
      webhookPublicKey: sendgridPublicKey,
    },
    TWILIO: twilio,
    ALIYUN_SMS: { ...aliyun },
  };
  return { baseUrl, ...given[kind] };
}
