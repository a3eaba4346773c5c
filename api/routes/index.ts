import type { Route } from '../route';
import { callbackRoutes, type CallbackRoutesDeps } from './callbacks/callbacks';
import { customerRoutes, type CustomerRoutesDeps } from './customers/customers';
import { disputeRoutes, type DisputeRoutesDeps } from './disputes/disputes';
import { quoteRoutes, type QuoteRoutesDeps } from './exchange/quotes';
import { positionRoutes } from './exchange/positions';
import { rateRoutes } from './exchange/rates';
import { sourceRoutes, type SourceRoutesDeps } from './exchange/sources';
import { feeCalculatorRoutes } from './fees/calculator';
import { feePlanRoutes } from './fees/plans';
import { healthRoutes, type HealthDeps } from './health/health';
import { apiKeyRoutes } from './merchants/api-keys';
import { accountRoutes } from './ledger/accounts';
import { adjustmentRoutes, type AdjustmentRoutesDeps } from './ledger/adjustments';
import { auditRoutes } from './ledger/audit';
import { balanceRoutes } from './ledger/balances';
import { trialBalanceRoutes } from './ledger/trial-balance';
import { entryRoutes } from './ledger/entries';
import { integrationAlertRoutes } from './integrations/alerts';
import { integrationLogRoutes } from './integrations/logs';
import { serviceMetricsRoutes } from './integrations/service-metrics';
import { serviceChangeRoutes } from './integrations/service-changes';
import { serviceVersionRoutes } from './integrations/service-versions';
import { serviceRoutes, type ServiceRoutesDeps } from './integrations/services';
import { balanceAllowanceRoutes } from './merchants/balance-allowances';
import { merchantRoutes } from './merchants/merchants';
import { suspensionRoutes } from './merchants/suspension';
import { transactionRoutes } from './merchants/transactions';
import { attemptRoutes } from './payments/attempts';
import { commandRoutes, type CommandRoutesDeps } from './payments/commands';
import { reviewRoutes } from './payments/reviews';
import { timelineRoutes, type TimelineDeps } from './payments/timeline';
import { createPaymentRoutes, type PaymentRoutesDeps } from './payments/routes';
import { refundRoutes, type RefundRoutesDeps } from './refunds/refunds';
import { resolutionRoutes, type ResolutionRoutesDeps } from './refunds/resolutions';
import { channelChangeRoutes } from './channels/changes';
import { channelRoutes, type ChannelRoutesDeps } from './channels/channels';
import { manualQueueRoutes } from './manual-queue/manual-queue';
import { routingRulesRoutes } from './routing/rules';
import { simulateRoutes } from './routing/simulate';
import { suspenseRoutes, type SuspenseRoutesDeps } from './suspense/suspense';
import { callbackSecretRoutes } from './payment-config/callback-secret';
import { paymentConfigRoutes, type PaymentConfigDeps } from './payment-config/payment-config';
import { messageRoutes, type MessageRoutesDeps } from './messages/messages';
import { receivedRoutes } from './webhooks/received';

export type RoutesDeps = HealthDeps &
  PaymentConfigDeps &
  PaymentRoutesDeps &
  CommandRoutesDeps &
  RefundRoutesDeps &
  ResolutionRoutesDeps &
  SuspenseRoutesDeps &
  TimelineDeps &
  CallbackRoutesDeps &
  DisputeRoutesDeps &
  AdjustmentRoutesDeps &
  MessageRoutesDeps &
  SourceRoutesDeps &
  ServiceRoutesDeps &
  QuoteRoutesDeps &
  CustomerRoutesDeps &
  ChannelRoutesDeps;

/** Every declared route: what the app serves and what docs/api-spec.yaml is made of. */
export function createRoutes(deps: RoutesDeps): Route[] {
  return [
    ...createPaymentRoutes(deps),
    ...commandRoutes(deps),
    ...timelineRoutes(deps),
    ...attemptRoutes(deps),
    ...reviewRoutes(deps),
    ...refundRoutes(deps),
    ...resolutionRoutes(deps),
    ...suspenseRoutes(deps),
    ...merchantRoutes(deps),
    ...suspensionRoutes(deps),
    ...apiKeyRoutes(deps),
    ...balanceAllowanceRoutes(deps),
    ...transactionRoutes(deps),
    ...paymentConfigRoutes(deps),
    ...disputeRoutes(deps),
    ...customerRoutes(deps),
    ...callbackSecretRoutes(deps),
    ...callbackRoutes(deps),
    ...receivedRoutes(deps),
    ...feePlanRoutes(deps),
    ...feeCalculatorRoutes(deps),
    ...quoteRoutes(deps),
    ...rateRoutes(deps),
    ...sourceRoutes(deps),
    ...positionRoutes(deps),
    ...balanceRoutes(deps),
    ...entryRoutes(deps),
    ...auditRoutes(deps),
    ...accountRoutes(deps),
    ...trialBalanceRoutes(deps),
    ...adjustmentRoutes(deps),
    ...messageRoutes(deps),
    ...channelRoutes(deps),
    ...channelChangeRoutes(deps),
    ...routingRulesRoutes(deps),
    ...simulateRoutes(deps),
    ...manualQueueRoutes(deps),
    ...serviceRoutes(deps),
    ...serviceChangeRoutes(deps),
    ...serviceVersionRoutes(deps),
    ...integrationAlertRoutes(deps),
    ...integrationLogRoutes(deps),
    ...serviceMetricsRoutes(deps),
    ...healthRoutes(deps),
  ];
}
