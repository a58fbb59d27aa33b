/** Service accounts and Pod templates: kept for those who refer to them. */
import { defaultPodTemplate } from '../../pod/defaults.ts';
import type { KubeObject, Pod } from '../../pod/types.ts';
import { plain } from './plain.ts';
import { resource } from './resource.ts';

export const serviceaccounts = resource({
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  shortNames: ['sa'],
  namespaced: true,
  strategy: plain({ namespaced: true, showsDeleted: true }),
  subresources: {
    token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] },
  },
});

const defaultTemplate = (object: KubeObject): KubeObject =>
  object.template?.spec?.containers ? { ...object, template: defaultPodTemplate(object.template as Pod) } : object;

export const podtemplates = resource({
  plural: 'podtemplates',
  kind: 'PodTemplate',
  namespaced: true,
  strategy: plain({ namespaced: true, showsDeleted: true, defaults: defaultTemplate }),
});
