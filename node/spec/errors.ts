/** Why a Pod cannot be turned into what the runtime is asked for. */

/** A container's configuration cannot be made now (a reference is missing, a rule is broken); the kubelet tries again. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
  readonly reason = 'CreateContainerConfigError';
}

/** A sandbox cannot be asked for as the Pod stands. */
export class SandboxConfigError extends Error {
  override readonly name = 'SandboxConfigError';
  readonly reason:
    | 'FailedCreatePodSandBox'
    | 'SysctlForbidden'
    | 'PodOSNotSupported'
    | 'SupplementalGroupsPolicyNotSupported'
    | 'Unsupported';
  constructor(reason: SandboxConfigError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }

  /** No waiting can change it. */
  get final(): boolean {
    return this.reason !== 'FailedCreatePodSandBox';
  }
}
