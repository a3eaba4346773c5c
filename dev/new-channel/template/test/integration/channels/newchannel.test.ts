import { channelContract } from '../../../../../../test/integration/channels/contract';
import { startNewchannelHarness } from './newchannel-harness';

channelContract('NewChannel', () => startNewchannelHarness());
