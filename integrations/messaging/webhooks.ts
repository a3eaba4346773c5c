import type { DeliveryWebhook } from './messaging-provider';
import { sendgridWebhook } from './sendgrid/webhook';
import { twilioWebhook } from './twilio/webhook';

/** Alibaba Cloud's reports are not signed, so it is asked instead. */
export const deliveryWebhooks: readonly DeliveryWebhook[] = [sendgridWebhook, twilioWebhook];
