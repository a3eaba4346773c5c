import type { Mode } from '../payment/reference';
import type { ChannelLimit, ChannelSwitch } from '../routing/contracts';
import type { MaintenanceWindow } from '../routing/maintenance';

/** Everything that is configured about one account at a provider: what its versions hold. */
export interface ChannelDocument {
  channel: string;
  mode: Mode;
  name: string;
  baseUrl: string;
  /** In clear, or masked where it is shown. */
  credentials: Record<string, string>;
  currencies: string[];
  /** null: all that the adapter offers. */
  methods: string[] | null;
  /** By currency. */
  limits: Record<string, ChannelLimit>;
  weight: number;
  priority: number;
  maintenance: MaintenanceWindow[];
  webhookIpsAllowed: string[];
  isEnabled: boolean;
  switched: ChannelSwitch;
}
