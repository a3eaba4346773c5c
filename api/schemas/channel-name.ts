import { z } from 'zod';

export const channelName = z.string().regex(/^[a-z0-9_]{2,40}$/, 'wants the name of a channel, such as kpay');
