/** What a probe or a hook does: run a command, ask over HTTP, TCP or gRPC, or sleep. */
import { type FieldError, forbidden, invalid, required } from '../field-error.ts';
import { httpHeaderName, portName, portNumber } from '../names.ts';
import type { Container, Probe } from '../types.ts';
import { follows, oneOf, requiredOneOf } from './check.ts';

type Lifecycle = NonNullable<Container['lifecycle']>;
type Hook = NonNullable<Lifecycle['postStart']>;
type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<Hook, 'sleep'>;

const SCHEMES = ['HTTP', 'HTTPS'];
const NAMED_SIGNALS =
  'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX'.split(
    ' ',
  );
const STOP_SIGNALS = [
  ...NAMED_SIGNALS.map((name) => `SIG${name}`),
  ...Array.from({ length: 15 }, (_, i) => `SIGRTMIN+${i + 1}`),
  ...Array.from({ length: 14 }, (_, i) => `SIGRTMAX-${i + 1}`),
];

/** Exactly one action, well formed. `graceSeconds` bounds a sleep. */
export function validateHandler(handler: Handler, graceSeconds: number | undefined, path: string): FieldError[] {
  const { exec, grpc, httpGet, sleep, tcpSocket } = handler;
  const actions: [string, FieldError[]][] = [];
  if (exec) actions.push(['exec', exec.command?.length ? [] : [required(`${path}.exec.command`)]]);
  if (httpGet) actions.push(['httpGet', validateHttpGet(httpGet, `${path}.httpGet`)]);
  if (tcpSocket) actions.push(['tcpSocket', validatePort(tcpSocket.port, `${path}.tcpSocket.port`)]);
  if (grpc) actions.push(['grpc', validatePort(grpc.port, `${path}.grpc.port`)]);
  if (sleep) actions.push(['sleep', validateSleep(sleep.seconds, graceSeconds, `${path}.sleep`)]);
  const [first, ...others] = actions;
  if (!first) return [required(path, 'must specify a handler type')];
  return [
    ...first[1],
    ...others.map(([name]) => forbidden(`${path}.${name}`, 'may not specify more than 1 handler type')),
  ];
}

const validateHttpGet = (action: NonNullable<Handler['httpGet']>, path: string): FieldError[] => [
  ...(action.path ? [] : [required(`${path}.path`)]),
  ...validatePort(action.port, `${path}.port`),
  ...requiredOneOf(SCHEMES, `${path}.scheme`, action.scheme),
  ...(action.httpHeaders ?? []).flatMap(({ name }) => follows(httpHeaderName, `${path}.httpHeaders`, name)),
];

/** A port by its number, or by its name among the container's ports. */
function validatePort(port: unknown, path: string): FieldError[] {
  const messages = typeof port === 'string' ? portName(port) : portNumber(port);
  return messages.map((message) => invalid(path, port, message));
}

const validateSleep = (seconds: number, graceSeconds: number | undefined, path: string): FieldError[] =>
  graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)
    ? []
    : [
        invalid(
          path,
          seconds,
          `must be non-negative and not more than terminationGracePeriodSeconds (${graceSeconds})`,
        ),
      ];

/** A container's hooks and the signal that stops it, which needs `spec.os.name` to be known (KEP-4960). */
export function validateLifecycle(
  { postStart, preStop, stopSignal }: Lifecycle,
  graceSeconds: number | undefined,
  os: string | undefined,
  path: string,
): FieldError[] {
  return [
    ...(postStart ? validateHandler(postStart, graceSeconds, `${path}.postStart`) : []),
    ...(preStop ? validateHandler(preStop, graceSeconds, `${path}.preStop`) : []),
    ...(stopSignal && !os
      ? [forbidden(`${path}.stopSignal`, 'may not be set for containers with empty `spec.os.name`')]
      : []),
    ...(stopSignal && os === 'linux' ? oneOf(STOP_SIGNALS, `${path}.stopSignal`, stopSignal) : []),
  ];
}
