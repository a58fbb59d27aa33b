import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { homeAt, homeDirectory, isHome } from './home.ts';
import { HOUSEKEEPING_DEFAULTS } from './housekeeping-options.ts';
import { LOG_LEVELS, type Options, parseSettings } from './settings.ts';
import { createSteps } from './steps.ts';
import { asUserError, UserError } from './user-error.ts';
import { VERSION } from './version.ts';

const EXAMPLE = fileURLToPath(new URL('../examples/initc.yaml', import.meta.url));
/** `status` of something that does not run, as service managers have it (LSB). */
const NOT_RUNNING = 3;

const steps = createSteps();
const home = () => new Option('--home <directory>', 'state directory').env('DURAPOD_HOME');

function command(name: string, description: string): Command {
  return new Command(name).description(description).addOption(home());
}

/** What every role that keeps running takes. */
function role(name: string, description: string): Command {
  return command(name, description)
    .option('--listen <address>', 'address to listen on', '127.0.0.1')
    .addOption(new Option('--log-level <level>', 'how much to log').choices(LOG_LEVELS).default('info'));
}

function withControl(of: Command): Command {
  return of
    .addOption(new Option('--port <port>', 'port of the API (default: 7443)').env('DURAPOD_PORT'))
    .option('--api-name <name...>', 'further names under which clients reach the API')
    .option('--temporal <host:port>', 'use this Temporal server instead of one of its own')
    .option('--temporal-namespace <name>', 'namespace of that server (default: default)')
    .option('--temporal-port <port>', "port of durapod's own Temporal (default: a free one)")
    .option('--ui-port <port>', "port of Temporal's UI (default: a free one)")
    .option(
      '--store <file or URL>',
      'where objects are kept: a file, or postgres://… (default: in the state directory)',
    )
    .option('--node-name <name>', 'name of the node on this machine (default: the host name)');
}

function withNode(of: Command): Command {
  return of
    .option('--runtime <runtime>', 'what runs containers: containerd, sim, or the path of a CRI socket', 'containerd')
    .option('--node-port <port>', "port of the node's endpoint (default: a free one)")
    .option('--node-address <address>', 'under which others reach the node')
    .option('--container-log-max-size <size>', "rotate a container's log at", HOUSEKEEPING_DEFAULTS.containerLogMaxSize)
    .option(
      '--container-log-max-files <number>',
      'files of one log to keep',
      HOUSEKEEPING_DEFAULTS.containerLogMaxFiles,
    )
    .option(
      '--image-gc-high-threshold <percent>',
      'remove unused images when so much of their disk is used (100: never)',
      HOUSEKEEPING_DEFAULTS.imageGcHighThreshold,
    )
    .option(
      '--image-gc-low-threshold <percent>',
      'until only so much is used',
      HOUSEKEEPING_DEFAULTS.imageGcLowThreshold,
    )
    .option(
      '--eviction-hard <thresholds>',
      'evict Pods when the machine has less left (empty: never)',
      HOUSEKEEPING_DEFAULTS.evictionHard,
    )
    .option(
      '--eviction-pressure-transition-period <time>',
      'how long the node says that it is under pressure after that has passed',
      HOUSEKEEPING_DEFAULTS.evictionPressureTransitionPeriod,
    );
}

const program = new Command('durapod')
  .description('Kubernetes Pods as durable workflows')
  .version(VERSION)
  .showHelpAfterError()
  .enablePositionalOptions();

program.addCommand(
  withNode(withControl(role('up', 'start durapod: API, workflows, node and what they need'))).action(
    async (options) => {
      const { run } = await import('./run.ts');
      await run(parseSettings(options), { control: true, node: true }, steps);
    },
  ),
);

program.addCommand(
  withNode(withControl(role('demo', 'start durapod and create the objects of a manifest')))
    .argument('[manifest]', 'YAML or JSON', EXAMPLE)
    .action(async (manifest: string, options: Options) => {
      const { readManifest } = await import('./manifest.ts');
      const objects = readManifest(manifest);
      const { run } = await import('./run.ts');
      await run(parseSettings(options), { control: true, node: true }, steps, objects);
    }),
);

program.addCommand(
  withControl(role('control', 'start the API and workflows, without a node')).action(async (options) => {
    const { run } = await import('./run.ts');
    await run(parseSettings(options), { control: true, node: false }, steps);
  }),
);

program.addCommand(
  withNode(role('node', 'start a node that joins an API elsewhere'))
    .requiredOption('--join <file>', 'made by `durapod node-file`')
    .action(async (options) => {
      const [{ run }, { readJoinFile }] = await Promise.all([import('./run.ts'), import('./join-file.ts')]);
      await run(parseSettings(options), { control: false, node: true, join: readJoinFile(options.join) }, steps);
    }),
);

program.addCommand(
  command('node-file', 'print what a node on another machine needs to join (it holds secrets)')
    .argument('<name>', "the node's name")
    .requiredOption('--node-address <address>', 'under which the API reaches the node')
    .requiredOption('--temporal <host:port>', 'under which the node reaches Temporal')
    .option('--temporal-namespace <name>', "namespace of Temporal's", 'default')
    .requiredOption('--api <URL>', 'under which the node reaches the API, e.g. https://10.0.0.1:7443')
    .action(async (name: string, options) => {
      const { makeJoinFile } = await import('./join-file.ts');
      const file = await makeJoinFile(existingHome(options.home), { name, ...options });
      process.stdout.write(`${JSON.stringify(file, undefined, 2)}\n`);
    }),
);

program.addCommand(
  command('down', 'stop durapod and remove everything it made').action(async (options) => {
    const { down } = await import('./down.ts');
    await down(homeDirectory(options.home), steps);
  }),
);

program.addCommand(
  command('status', 'say what runs')
    .option('--json', 'as JSON')
    .action(async (options) => {
      const { describeStatus, status } = await import('./status.ts');
      const found = await status(homeDirectory(options.home));
      if (!found) throw new UserError(`durapod was never started in ${homeDirectory(options.home)}`);
      console.log(options.json ? JSON.stringify(found, undefined, 2) : describeStatus(found));
      if (!found.durapod || found.api?.ready === false) process.exitCode = NOT_RUNNING;
    }),
);

program.addCommand(
  command('kubeconfig', 'print the path of the kubeconfig: export KUBECONFIG=$(durapod kubeconfig)').action(
    (options) => {
      console.log(existingHome(options.home).kubeconfig);
    },
  ),
);

program.addCommand(new Command('version').description('print the version').action(() => console.log(VERSION)));

function existingHome(flag: string | undefined) {
  const root = homeDirectory(flag);
  if (isHome(root)) return homeAt(root);
  throw new UserError(`durapod was never started in ${root}: run \`durapod up\` first`);
}

try {
  await program.parseAsync();
  // A worker that did not end in order leaves threads behind that would keep the process alive.
  process.exit();
} catch (error) {
  const known = asUserError(error);
  if (known) console.error(`durapod: ${known.message}`);
  else console.error('durapod: unexpected failure, please report it\n', error);
  // Temporal's native side keeps a process alive that never came to connect.
  process.exit(1);
}
