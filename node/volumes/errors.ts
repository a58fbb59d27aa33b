/** A volume could not be set up, in the kubelet's kind of words. The kubelet tries again, and so may the caller. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
  readonly reason = 'FailedMount';
  readonly volume: string;
  constructor(volume: string, detail: string, options?: ErrorOptions) {
    super(`MountVolume.SetUp failed for volume "${volume}" : ${detail}`, options);
    this.volume = volume;
  }
}
