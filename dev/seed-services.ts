import { inTransaction } from '../db/transaction';
import type { Database } from '../db/pool';
import { createConfigVersions } from '../db/stores/config-versions-store';
import { changeService, createService, findService } from '../db/stores/services-store';
import type { ServiceDocument } from '../domain/config/service';
import { publicId } from '../domain/ids';
import type { SecretBox } from '../security/secret-box';
import { postboxAccounts } from './sandboxes/postbox/account';

/** The same at every start, so that a repeat finds what the first one made. */
const IDS = {
  primary: '01980000-0000-7000-8000-000000000011',
  backup: '01980000-0000-7000-8000-000000000012',
  twilio: '01980000-0000-7000-8000-000000000013',
};

/** Where the postbox's SendGrid accounts tell how deliveries went. */
export const demoNewsPaths = {
  primary: `/api/v1/webhooks/messages/${publicId('service', IDS.primary)}`,
  backup: `/api/v1/webhooks/messages/${publicId('service', IDS.backup)}`,
};

const usual = {
  isEnabled: true,
  defaultTimeoutMs: 10_000,
  healthCheckEndpoint: null,
  limits: {},
};
const retryPolicy = { firstDelayMs: 1_000, backoffFactor: 2, delayMsMax: 60_000 };

/** Mail through two accounts and SMS through one, all of them in the postbox; what a person changed stays. */
export async function seedServices(database: Database, secretBox: SecretBox, baseUrl: string): Promise<void> {
  const versions = createConfigVersions({ secretBox });
  for (const { id, secretFields, ...document } of servicesAt(baseUrl)) {
    const author = { secretFields, author: 'the demo' };
    await inTransaction(database, async (transaction) => {
      const known = await findService(transaction, id);
      if (known === undefined) {
        await createService(transaction, versions, { id, document, ...author });
        return;
      }
      // The postbox's address may be another at every start: its services follow it.
      if (known.document.configurations['baseUrl'] === baseUrl) return;
      const current = await versions.read(transaction, { kind: 'service', id }, known.version);
      if (current === undefined) return;
      const before = current.document as unknown as ServiceDocument;
      const moved = { ...before, configurations: { ...before.configurations, baseUrl } };
      await changeService(transaction, versions, { id, document: moved, ...author });
    });
  }
}

function servicesAt(baseUrl: string): (ServiceDocument & { id: string; secretFields: string[] })[] {
  const { sendgrid, sendgridPublicKey: webhookPublicKey, twilio } = postboxAccounts;
  const mail = (account: 'primary' | 'backup', description: string) => ({
    ...usual,
    id: IDS[account],
    name: `EMAIL_PROVIDER_${account.toUpperCase()}`,
    serviceType: 'EMAIL_SERVICE',
    kind: 'SENDGRID',
    description,
    retryPolicy: { triesMax: 5, ...retryPolicy },
    secretFields: ['configurations.apiKey'],
    configurations: {
      baseUrl,
      apiKey: sendgrid[account] ?? '',
      fromEmail: 'hello@tea.example',
      fromName: 'Demo Tea House',
      webhookPublicKey,
    },
  });
  return [
    mail('primary', 'Mail'),
    mail('backup', 'Mail, when the first one is away'),
    {
      ...usual,
      id: IDS.twilio,
      name: 'SMS_PROVIDER_TWILIO',
      serviceType: 'SMS_SERVICE',
      kind: 'TWILIO',
      description: 'SMS',
      retryPolicy: { triesMax: 3, ...retryPolicy },
      secretFields: ['configurations.authToken', 'configurations.previousAuthToken'],
      configurations: { baseUrl, ...twilio },
    },
  ];
}
