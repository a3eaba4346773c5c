import { ofEachChannel, sandboxVariable, type SandboxedChannel } from '../sandboxes/channels';
import { portHolder, type PortHolder } from './port-holder';
import { freePorts, isPortFree } from './ports';

export type StackPorts = Record<
  'api' | 'ui' | 'temporal' | 'postgres' | SandboxedChannel | 'postbox' | 'rates',
  number
>;

/** Every port has an environment variable. */
const NAMES: Record<keyof StackPorts, { variable: string; what: string; usual: number }> = {
  api: { variable: 'API_PORT', what: 'the API', usual: 8080 },
  ui: { variable: 'TEMPORAL_UI_PORT', what: 'Temporal UI', usual: 8233 },
  temporal: { variable: 'TEMPORAL_PORT', what: 'Temporal', usual: 7233 },
  postgres: { variable: 'POSTGRES_PORT', what: 'PostgreSQL', usual: 5433 },
  ...ofEachChannel((name, { title, port }) => ({
    variable: sandboxVariable(name, 'PORT'),
    what: `the ${title} sandbox`,
    usual: port,
  })),
  postbox: { variable: 'POSTBOX_PORT', what: 'the postbox', usual: 8094 },
  rates: { variable: 'RATES_SANDBOX_PORT', what: 'the rates sandbox', usual: 8095 },
};

export const ALL_PORTS = Object.keys(NAMES) as (keyof StackPorts)[];

class BadPorts extends Error {
  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
  }
}

export function portsFromEnvironment(environment: NodeJS.ProcessEnv): StackPorts {
  const problems: string[] = [];
  const ports = mapPorts(({ variable, usual }) => {
    const given = environment[variable];
    if (given === undefined || given === '') return usual;
    const port = Number(given);
    if (!/^\d{1,5}$/.test(given) || port < 1 || port > 65_535)
      problems.push(`${variable}=${given} is no port: set it to a number from 1 to 65535.`);
    return port;
  });
  for (const [first, second] of sharedPorts(ports))
    problems.push(
      `${NAMES[first].what} and ${NAMES[second].what} are both to use port ${ports[first]}: ` +
        `set ${NAMES[first].variable} or ${NAMES[second].variable} to another.`,
    );
  if (problems.length > 0) throw new BadPorts(problems);
  return ports;
}

/** The other way round: what a process is given to use these. */
export function environmentOfPorts(ports: StackPorts): NodeJS.ProcessEnv {
  return Object.fromEntries(ALL_PORTS.map((name) => [NAMES[name].variable, String(ports[name])]));
}

/** For a stack beside another one: tests, bench, faults. */
export async function unusedPorts(): Promise<StackPorts> {
  const free = await freePorts(ALL_PORTS.length);
  return mapPorts(() => free.pop() ?? 0);
}

interface TakenPort {
  name: keyof StackPorts;
  port: number;
  holder?: PortHolder;
}

/** One line for each port that somebody else holds; what another stack holds is told in one. */
export async function checkPortsFree(ports: StackPorts, wanted: (keyof StackPorts)[]): Promise<void> {
  const looked = await Promise.all(
    wanted.map(async (name): Promise<TakenPort[]> => {
      const port = ports[name];
      return (await isPortFree(port)) ? [] : [{ name, port, holder: portHolder(port) }];
    }),
  );
  const problems = takenLines(looked.flat());
  if (problems.length > 0) throw new BadPorts(problems);
}

export function takenLines(taken: readonly TakenPort[]): string[] {
  const stacks = new Map(
    taken.flatMap(({ holder }) => (holder?.stack ? [[holder.stack.pid, holder.stack]] : [])),
  );
  return [
    ...[...stacks.values()].map(({ pid, name }) => {
      const held = taken.filter(({ holder }) => holder?.stack?.pid === pid).map(({ port }) => port);
      return (
        `Another Durapay stack runs (${name}) and has ${held.length === 1 ? 'port' : 'ports'} ${held.join(', ')}: use it, ` +
        `or stop it with Ctrl-C there (kill ${pid}).\n` +
        'A second one beside it needs its own DURAPAY_STATE and ports: docs/embedded-stack.md names the variables.'
      );
    }),
    ...taken.filter(({ holder }) => holder?.stack === undefined).map(takenLine),
  ];
}

function takenLine({ name, port, holder }: TakenPort): string {
  const { variable, what } = NAMES[name];
  const whose = holder ? ` by ${holder.name}` : '';
  return `Port ${port} for ${what} is in use${whose}: end that, or start with ${variable}=<another port>.`;
}

function mapPorts(one: (name: (typeof NAMES)[keyof StackPorts]) => number): StackPorts {
  return Object.fromEntries(ALL_PORTS.map((name) => [name, one(NAMES[name])])) as StackPorts;
}

function sharedPorts(ports: StackPorts): [keyof StackPorts, keyof StackPorts][] {
  return ALL_PORTS.flatMap((first, index) =>
    ALL_PORTS.slice(index + 1)
      .filter((second) => ports[first] === ports[second])
      .map((second): [keyof StackPorts, keyof StackPorts] => [first, second]),
  );
}
