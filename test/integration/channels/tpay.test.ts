import { channelContract } from './contract';
import { startTpayHarness } from './tpay-harness';

channelContract('TPay', () => startTpayHarness());
