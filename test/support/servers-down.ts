import { keptServers } from './servers';

export default async function serversDown(): Promise<void> {
  await keptServers()?.stop();
}
