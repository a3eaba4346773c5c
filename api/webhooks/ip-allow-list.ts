import ipaddr from 'ipaddr.js';

/** Ranges (`192.0.2.0/24`) and single addresses; none at all: anywhere. */
export function isAllowed(ip: string | undefined, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  if (ip === undefined || !ipaddr.isValid(ip)) return false;
  const address = ipaddr.process(ip);
  return allowed.some((range) => {
    const [network, bits] = ipaddr.parseCIDR(range.includes('/') ? range : `${range}/${bitsOf(range)}`);
    return network.kind() === address.kind() && address.match(network, bits);
  });
}

function bitsOf(address: string): number {
  return ipaddr.parse(address).kind() === 'ipv4' ? 32 : 128;
}
