import { channelContract } from './contract';
import { startKpayHarness } from './kpay-harness';

channelContract('KPay', () => startKpayHarness());
