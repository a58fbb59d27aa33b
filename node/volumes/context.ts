/** What setting up volumes needs to know beside the Pod. */
import type { PodRef } from '../../pod/types.ts';
import type { NodeDirs } from '../dirs.ts';
import type { Allocatable, ObjectReader } from '../spec/context.ts';

export interface TokenRequest {
  pod: PodRef;
  serviceAccountName: string;
  /** Who the token is for; the API server itself when absent. */
  audience?: string;
  expirationSeconds?: number;
}

export interface VolumeContext {
  dirs: NodeDirs;
  read: ObjectReader['read'];
  allocatable: Allocatable;
  /** A token bound to the Pod. Asked for at every refresh: give the same one until it is due to be renewed. */
  serviceAccountToken(request: TokenRequest): Promise<string>;
}
