const here = ['127.0.0.1', 'localhost'];

/** The stack's parts are on this machine, and nobody's proxy finds them there. What is reached without it already stays so. */
function reachThisMachineDirectly(environment) {
  const lower = environment.no_proxy || environment.NO_PROXY || '';
  const upper = environment.NO_PROXY || lower;
  environment.no_grpc_proxy = withThisMachine(environment.no_grpc_proxy || lower);
  environment.no_proxy = everything(lower) ? lower : withThisMachine(lower);
  environment.NO_PROXY = everything(upper) ? upper : withThisMachine(upper);
}

/** It means that only where it stands alone, and to gRPC not even there. */
const everything = (list) => list.trim() === '*';

function withThisMachine(list) {
  const named = list.split(',').map((name) => name.trim());
  return [list, ...here.filter((name) => !named.includes(name))].filter((part) => part !== '').join(',');
}

module.exports = { reachThisMachineDirectly };
