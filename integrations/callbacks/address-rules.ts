import ipaddr from 'ipaddr.js';

export type AddressVerdict = 'public' | 'allowed_privately' | 'forbidden';
export type AddressRules = (address: string) => AddressVerdict;

/** Global unicast is all the public IPv6 there is; what the registries have not given out is nobody's server. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Where a callback may go. A merchant chooses its address, so without these rules it could make the platform
 * call machines of the platform's own network. `rangesAllowed` are the operator's exceptions.
 */
export function createAddressRules(rangesAllowed: readonly string[]): AddressRules {
  const allowed = rangesAllowed.map((range) => ipaddr.parseCIDR(range));
  return (text) => {
    if (!ipaddr.isValid(text)) return 'forbidden';
    // An IPv4 address dressed as IPv6 (::ffff:10.0.0.1) reaches the same machine: it is judged undressed.
    const address = ipaddr.process(text);
    if (
      allowed.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
    ) {
      return 'allowed_privately';
    }
    if (address.range() !== 'unicast') return 'forbidden';
    return address instanceof ipaddr.IPv6 && !address.match(globalUnicast) ? 'forbidden' : 'public';
  };
}
