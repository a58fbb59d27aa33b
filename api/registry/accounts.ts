/** Service accounts and Pod templates: kept for those who refer to them. */
import { defaultPodTemplate } from '../../pod/defaults.ts';
import type { KubeObject, Pod } from '../../pod/types.ts';
import { validatePodTemplate } from '../../pod/validation/index.ts';
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

/** The object with a whole template, for the validation to tell what it lacks. */
function defaultTemplate({ template, ...object }: KubeObject): KubeObject {
  const spec = { containers: [], ...template?.spec };
  return { ...object, template: defaultPodTemplate({ metadata: {}, ...template, spec } as Pod) } as KubeObject;
}

export const podtemplates = resource({
  plural: 'podtemplates',
  kind: 'PodTemplate',
  namespaced: true,
  strategy: plain({
    namespaced: true,
    showsDeleted: true,
    defaults: defaultTemplate,
    validate: ({ template }) => validatePodTemplate(template as Pod, 'template'),
  }),
});
