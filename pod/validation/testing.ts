/** For tests: one valid Pod that tests change in one place, and the errors as a person reads them. */
import { defaultPod } from '../defaults.ts';
import { fieldErrorMessage } from '../field-error.ts';
import type { Container, Pod } from '../types.ts';
import { validatePod } from './pod.ts';

/** A Pod of one main container `main`, one init container `init` and one volume `data`, defaulted. */
export const basePod = (): Pod =>
  defaultPod({
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      initContainers: [{ name: 'init', image: 'busybox:v1' }],
      containers: [{ name: 'main', image: 'busybox:v1' }],
      volumes: [{ name: 'data', emptyDir: {} }],
    },
  });

/** The changed base. */
export function changed(change: (pod: Pod, main: Container, init: Container) => void): Pod {
  const pod = basePod();
  change(pod, pod.spec.containers[0]!, pod.spec.initContainers![0]!);
  return pod;
}

/** What is wrong with the changed base, in the API's words. */
export const errorsOf = (change: (pod: Pod, main: Container, init: Container) => void): string[] =>
  validatePod(changed(change)).map(fieldErrorMessage);

/** The base with fields of the main container set. */
export const mainErrors = (fields: object): string[] => errorsOf((_, main) => Object.assign(main, fields));

/** The base with fields of the spec set. */
export const specErrors = (fields: object): string[] => errorsOf((pod) => Object.assign(pod.spec, fields));
