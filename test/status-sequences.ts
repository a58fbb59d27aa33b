/**
 * The statuses that a real kubelet (v1.36) showed of Pods, and where ours differ. Each line of a table is a status:
 *
 *   phase  sandbox  conditions  container:state ...
 *
 * `net` once PodReadyToStartContainers is True; Initialized, ContainersReady and Ready are one word. A container that
 * runs is `running`, `started` or `ready`; of another its reason stands, with the exit code where it ended, and `+ready`
 * where an init container completed. `#1` are its restarts, `<Error:1` is how it ended before. In front of a line:
 *
 *     (nothing)  both show it
 *     ?          the kubelet shows it, and so do we, unless the next change comes with it
 *     -          only the kubelet shows it
 *     +          only we may show it
 *
 * A status without containers comes before; of those the kubelet has two, because a scheduler writes one by itself.
 * What differs, and why:
 *
 *   gone at once                 a deleted Pod that has finished goes in one step; Kubernetes marks it deleted first
 *   the sandbox goes next        the kubelet shows the end of the last container and that of the sandbox together
 *   with the phase               likewise that of the sandbox and the phase, which the kubelet shows here one by one
 *   one starts before the other  the kubelet starts both in one step, and looks at them after it
 *   until it runs again          it ends a container for its probe and starts it again in one step
 *   with the next look           the kubelet shows why a container waits when it looks at it again, we at once
 *   in a back-off                what waits when its Pod is deleted waits to the end; the kubelet shows how the
 *                                container ended last
 *   never started                likewise; the kubelet knows nothing of it then (ContainerStatusUnknown)
 */
export interface Case {
  name: string;
  spec: object;
  table: string;
}

const SLEEP = 'sleep 100';
/** Ends within a second of being told to. */
const OBEDIENT = 'trap "exit 0" TERM; while :; do sleep 1; done';
const EACH_SECOND = { exec: { command: ['cat', '/tmp/r'] }, periodSeconds: 1 };

const sh = (name: string, script: string, more: object = {}) => ({
  name,
  image: 'busybox:v1',
  command: ['sh', '-c', script],
  ...more,
});

export const CASES: Case[] = [
  {
    name: 'two-inits',
    spec: { initContainers: [sh('a', 'sleep 1'), sh('b', 'sleep 1')], containers: [sh('m', SLEEP)] },
    table: `
        Pending       -    initializing  a:PodInitializing b:PodInitializing m:PodInitializing
      ? Pending       net  initializing  a:PodInitializing b:PodInitializing m:PodInitializing
        Pending       net  initializing  a:started b:PodInitializing m:PodInitializing
      ? Pending       net  initializing  a:Completed:0+ready b:PodInitializing m:PodInitializing
        Pending       net  initializing  a:Completed:0+ready b:started m:PodInitializing
      ? Pending       net  unready       a:Completed:0+ready b:Completed:0+ready m:PodInitializing
        Running       net  ready         a:Completed:0+ready b:Completed:0+ready m:ready
        DEL Running   net  ready         a:Completed:0+ready b:Completed:0+ready m:ready
      + DEL Running   net  failed        a:Completed:0+ready b:Completed:0+ready m:Error:137  // the sandbox goes next
        DEL Failed    -    failed        a:Completed:0+ready b:Completed:0+ready m:Error:137
    `,
  },
  {
    name: 'init-never',
    spec: {
      restartPolicy: 'Never',
      initContainers: [sh('a', 'exit 3'), sh('b', 'true')],
      containers: [sh('m', SLEEP)],
    },
    table: `
        Pending       -    initializing  a:PodInitializing b:PodInitializing m:PodInitializing
      ? Pending       net  initializing  a:PodInitializing b:PodInitializing m:PodInitializing
      ? Pending       net  initializing  a:started b:PodInitializing m:PodInitializing
        Pending       net  init-failed   a:Error:3 b:PodInitializing m:PodInitializing
        Failed        -    init-failed   a:Error:3 b:PodInitializing m:PodInitializing
      - DEL Failed    -    init-failed   a:Error:3 b:PodInitializing m:PodInitializing  // gone at once
    `,
  },
  {
    name: 'init-onfailure',
    spec: {
      restartPolicy: 'OnFailure',
      volumes: [{ name: 'v', emptyDir: {} }],
      initContainers: [
        sh('a', 'sleep 1; test -e /v/x || { touch /v/x; exit 1; }', { volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
      ],
      containers: [sh('m', 'sleep 1')],
    },
    table: `
        Pending       -    initializing  a:PodInitializing m:PodInitializing
      ? Pending       net  initializing  a:PodInitializing m:PodInitializing
        Pending       net  initializing  a:started m:PodInitializing
        Pending       net  initializing  a:Error:1 m:PodInitializing
        Pending       net  initializing  a:started#1<Error:1 m:PodInitializing
      ? Pending       net  unready       a:Completed:0+ready#1<Error:1 m:PodInitializing
        Running       net  ready         a:Completed:0+ready#1<Error:1 m:ready
        Running       net  completed     a:Completed:0+ready#1<Error:1 m:Completed:0
        Succeeded     -    completed     a:Completed:0+ready#1<Error:1 m:Completed:0
      - DEL Succeeded -    completed     a:Completed:0+ready#1<Error:1 m:Completed:0  // gone at once
    `,
  },
  {
    name: 'main-succeeds',
    spec: { restartPolicy: 'Never', containers: [sh('m', 'sleep 1')] },
    table: `
        Pending       -    unready       m:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating
        Running       net  ready         m:ready
        Running       net  completed     m:Completed:0
        Succeeded     -    completed     m:Completed:0
      - DEL Succeeded -    completed     m:Completed:0  // gone at once
    `,
  },
  {
    name: 'main-fails',
    spec: { restartPolicy: 'Never', containers: [sh('m', 'sleep 2; exit 4'), sh('n', 'sleep 4')] },
    table: `
        Pending       -    unready       m:ContainerCreating n:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating n:ContainerCreating
      + Pending       net  unready       m:ready n:ContainerCreating  // one starts before the other
      + Pending       net  unready       m:ContainerCreating n:ready  // one starts before the other
        Running       net  ready         m:ready n:ready
        Running       net  unready       m:Error:4 n:ready
        Running       net  failed        m:Error:4 n:Completed:0
        Failed        -    failed        m:Error:4 n:Completed:0
      - DEL Failed    -    failed        m:Error:4 n:Completed:0  // gone at once
    `,
  },
  {
    name: 'main-restarts',
    spec: { containers: [sh('m', 'sleep 2; exit 1')] },
    table: `
        Pending       -    unready       m:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating
        Running       net  ready         m:ready
        Running       net  unready       m:Error:1
        Running       net  ready         m:ready#1<Error:1
      - Running       net  unready       m:Error:1#1<Error:1  // with the next look
      + Running       net  unready       m:CrashLoopBackOff#1<Error:1  // with the next look
      - DEL Running   net  unready       m:Error:1#1<Error:1  // in a back-off
      - DEL Failed    -    failed        m:Error:1#1<Error:1  // in a back-off
      + DEL Running   net  unready       m:CrashLoopBackOff#1<Error:1  // in a back-off
      + DEL Running   net  failed        m:CrashLoopBackOff#1<Error:1  // in a back-off
      + DEL Failed    -    failed        m:CrashLoopBackOff#1<Error:1  // in a back-off
    `,
  },
  {
    name: 'sidecar',
    spec: {
      restartPolicy: 'Never',
      initContainers: [sh('s', OBEDIENT, { restartPolicy: 'Always' }), sh('a', 'sleep 1')],
      containers: [sh('m', 'sleep 2')],
    },
    table: `
        Pending       -    initializing  s:PodInitializing a:PodInitializing m:PodInitializing
      ? Pending       net  initializing  s:PodInitializing a:PodInitializing m:PodInitializing
      ? Pending       net  initializing  s:ready a:PodInitializing m:PodInitializing
        Pending       net  initializing  s:ready a:started m:PodInitializing
      ? Pending       net  unready       s:ready a:Completed:0+ready m:PodInitializing
        Running       net  ready         s:ready a:Completed:0+ready m:ready
        Running       net  unready       s:ready a:Completed:0+ready m:Completed:0
      + Running       net  completed     s:Completed:0 a:Completed:0+ready m:Completed:0  // the sandbox goes next
      - Running       -    completed     s:Completed:0 a:Completed:0+ready m:Completed:0  // with the phase
        Succeeded     -    completed     s:Completed:0 a:Completed:0+ready m:Completed:0
      - DEL Succeeded -    completed     s:Completed:0 a:Completed:0+ready m:Completed:0  // gone at once
    `,
  },
  {
    name: 'readiness',
    spec: { containers: [sh('m', `sleep 2; touch /tmp/r; ${SLEEP}`, { readinessProbe: EACH_SECOND })] },
    table: `
        Pending       -    unready       m:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating
        Running       net  unready       m:started
        Running       net  ready         m:ready
        DEL Running   net  ready         m:ready
      + DEL Running   net  failed        m:Error:137  // the sandbox goes next
        DEL Failed    -    failed        m:Error:137
    `,
  },
  {
    name: 'startup',
    spec: {
      containers: [
        sh('m', `sleep 3; touch /tmp/r; ${SLEEP}`, { startupProbe: { ...EACH_SECOND, failureThreshold: 10 } }),
      ],
    },
    table: `
        Pending       -    unready       m:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating
        Running       net  unready       m:running
      ? Running       net  unready       m:started
        Running       net  ready         m:ready
        DEL Running   net  ready         m:ready
      + DEL Running   net  failed        m:Error:137  // the sandbox goes next
        DEL Failed    -    failed        m:Error:137
    `,
  },
  {
    name: 'liveness',
    spec: { containers: [sh('m', SLEEP, { livenessProbe: { ...EACH_SECOND, failureThreshold: 2 } })] },
    table: `
        Pending       -    unready       m:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating
        Running       net  ready         m:ready
      + Running       net  unready       m:Error:137  // until it runs again
        Running       net  ready         m:ready#1<Error:137
      + Running       net  unready       m:Error:137#1  // until it runs again
        Running       net  ready         m:ready#2<Error:137
        Running       net  unready       m:CrashLoopBackOff#2<Error:137
        DEL Running   net  unready       m:CrashLoopBackOff#2<Error:137
      - DEL Running   net  unready       m:Error:137#2<Error:137  // in a back-off
      - DEL Failed    -    failed        m:Error:137#2<Error:137  // in a back-off
      + DEL Running   net  failed        m:CrashLoopBackOff#2<Error:137  // in a back-off
      + DEL Failed    -    failed        m:CrashLoopBackOff#2<Error:137  // in a back-off
    `,
  },
  {
    name: 'poststart-fails',
    spec: {
      restartPolicy: 'Never',
      containers: [sh('m', SLEEP, { lifecycle: { postStart: { exec: { command: ['false'] } } } })],
    },
    table: `
        Pending       -    unready       m:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating
        Pending       net  failed        m:Error:137
        Failed        -    failed        m:Error:137
      - DEL Failed    -    failed        m:Error:137  // gone at once
    `,
  },
  {
    name: 'deadline',
    spec: { activeDeadlineSeconds: 8, containers: [sh('m', SLEEP)] },
    table: `
        Pending                     -    unready  m:ContainerCreating
      ? Pending                     net  unready  m:ContainerCreating
        Running                     net  ready    m:ready
        Running                     net  failed   m:ready
      + Running                     net  failed   m:Error:137  // the sandbox goes next
        Failed DeadlineExceeded     -    failed   m:Error:137
      - DEL Failed DeadlineExceeded -    failed   m:Error:137  // gone at once
    `,
  },
  {
    name: 'never-pulled',
    spec: { containers: [sh('m', 'true', { image: 'docker.io/library/nothere:v1', imagePullPolicy: 'Never' })] },
    table: `
        Pending       -    unready       m:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating
        Pending       net  unready       m:ErrImageNeverPull
        DEL Pending   net  unready       m:ErrImageNeverPull
      - DEL Pending   net  unready       m:ContainerCreating  // never started
      - DEL Pending   -    unready       m:ContainerCreating  // never started
      - DEL Failed    -    unready       m:ContainerStatusUnknown:137  // never started
      + DEL Pending   net  failed        m:ErrImageNeverPull  // never started
      + DEL Failed    -    failed        m:ErrImageNeverPull  // never started
    `,
  },
  {
    name: 'bad-config',
    spec: {
      containers: [
        sh('m', 'true', { env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'nothere', key: 'k' } } }] }),
      ],
    },
    table: `
        Pending       -    unready       m:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating
        Pending       net  unready       m:CreateContainerConfigError
        DEL Pending   net  unready       m:CreateContainerConfigError
      - DEL Pending   net  unready       m:ContainerCreating  // never started
      - DEL Pending   -    unready       m:ContainerCreating  // never started
      - DEL Failed    -    unready       m:ContainerStatusUnknown:137  // never started
      + DEL Pending   net  failed        m:CreateContainerConfigError  // never started
      + DEL Failed    -    failed        m:CreateContainerConfigError  // never started
    `,
  },
  {
    name: 'start-error',
    spec: { restartPolicy: 'Never', containers: [sh('m', '', { command: ['/nothere'] })] },
    table: `
        Pending       -    unready       m:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating
        Pending       net  failed        m:StartError:128
        Failed        -    failed        m:StartError:128
      - DEL Failed    -    failed        m:StartError:128  // gone at once
    `,
  },
  {
    name: 'start-error-always',
    spec: { containers: [sh('m', '', { command: ['/nothere'] })] },
    table: `
        Pending       -    unready       m:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating
        Running       net  unready       m:RunContainerError<StartError:128
      - Running       net  unready       m:RunContainerError#1<StartError:128  // with the next look
        Running       net  unready       m:CrashLoopBackOff#1<StartError:128
        DEL Running   net  unready       m:CrashLoopBackOff#1<StartError:128
      - DEL Running   net  unready       m:StartError:128#2<StartError:128  // in a back-off
      - DEL Failed    -    failed        m:StartError:128#2<StartError:128  // in a back-off
      + DEL Running   net  failed        m:CrashLoopBackOff#1<StartError:128  // in a back-off
      + DEL Failed    -    failed        m:CrashLoopBackOff#1<StartError:128  // in a back-off
    `,
  },
  {
    name: 'gate',
    spec: { readinessGates: [{ conditionType: 'example.com/g' }], containers: [sh('m', SLEEP)] },
    table: `
        Pending       -    unready       m:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating
        Running       net  gated         m:ready
        DEL Running   net  gated         m:ready
      + DEL Running   net  failed        m:Error:137  // the sandbox goes next
        DEL Failed    -    failed        m:Error:137
    `,
  },
  {
    name: 'sidecar-main-fails',
    spec: {
      restartPolicy: 'Never',
      initContainers: [sh('s', OBEDIENT, { restartPolicy: 'Always' })],
      containers: [sh('m', 'sleep 2; exit 4')],
    },
    table: `
        Pending       -    initializing  s:PodInitializing m:PodInitializing
      ? Pending       net  initializing  s:PodInitializing m:PodInitializing
      ? Pending       net  unready       s:ready m:PodInitializing
        Running       net  ready         s:ready m:ready
        Running       net  unready       s:ready m:Error:4
      + Running       net  failed        s:Completed:0 m:Error:4  // the sandbox goes next
      - Running       -    failed        s:Completed:0 m:Error:4  // with the phase
        Failed        -    failed        s:Completed:0 m:Error:4
      - DEL Failed    -    failed        s:Completed:0 m:Error:4  // gone at once
    `,
  },
  {
    name: 'oom',
    spec: {
      restartPolicy: 'Never',
      containers: [sh('m', 'sleep 1; exec tail /dev/zero', { resources: { limits: { memory: '16Mi' } } })],
    },
    table: `
        Pending       -    unready       m:ContainerCreating
      ? Pending       net  unready       m:ContainerCreating
        Running       net  ready         m:ready
        Running       net  failed        m:OOMKilled:137
        Failed        -    failed        m:OOMKilled:137
      - DEL Failed    -    failed        m:OOMKilled:137  // gone at once
    `,
  },
];
