/** Services. An address and ports on nodes are given to one that wants them; who answers there is the EndpointSlices' matter. */
import type { FieldError } from '../../pod/field-error.ts';
import { dns1123Label, dns1123Subdomain } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { oneOf, requiredName } from '../../pod/validation/check.ts';
import { validateLabels } from '../../pod/validation/metadata.ts';
import type { Store } from '../../store/port.ts';
import { plain, plainStatus } from './plain.ts';
import { keepStatus, resource } from './resource.ts';
import {
  addressChangeErrors,
  addressErrors,
  admitAddress,
  giveAddress,
  hasAddress,
  keepAddress,
} from './service-address.ts';
import { dropDependent, serviceDefaults } from './service-defaults.ts';
import { loadBalancerChangeErrors, loadBalancerErrors, loadBalancerStatusErrors } from './service-load-balancer.ts';
import { admitNodePorts, giveNodePorts, keepNodePorts } from './service-node-ports.ts';
import { portErrors } from './service-ports.ts';
import { trafficChangeErrors, trafficErrors } from './service-traffic.ts';

const NO_PROXY =
  'nothing proxies the address of a Service here: reach Pods by their own, which its EndpointSlices list; sessionAffinity, externalIPs, node ports, load balancers and traffic policies have no effect';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

/** A trailing dot says that the name is whole. */
function externalNameErrors(name: string | undefined): FieldError[] {
  const host = name?.replace(/\.$/, '');
  return requiredName(dns1123Subdomain, 'spec.externalName', host);
}

const validate = (service: KubeObject): FieldError[] => [
  ...oneOf(types, 'spec.type', service.spec.type),
  ...(service.spec.type === 'ExternalName' ? externalNameErrors(service.spec.externalName) : []),
  ...addressErrors(service),
  ...portErrors(service),
  ...validateLabels(service.spec.selector, 'spec.selector'),
  ...trafficErrors(service),
  ...loadBalancerErrors(service),
];

/** All that there are, each with what no other may have. */
const listed = async (store: Pick<Store, 'list'>): Promise<readonly KubeObject[]> =>
  (await store.list('services')).items;

const base = plain({
  namespaced: true,
  showsDeleted: true,
  createsOnUpdate: true,
  nameRule: dns1123Label,
  defaults: serviceDefaults,
  validate,
  validateUpdate: (next, old) => [
    ...addressChangeErrors(next, old),
    ...loadBalancerChangeErrors(next, old),
    ...trafficChangeErrors(next, old),
  ],
});

export const services = resource({
  plural: 'services',
  kind: 'Service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  strategy: {
    ...base,
    create: {
      ...base.create,
      prepare: async (service, { store }) => {
        const others = await listed(store);
        return { ...giveNodePorts(giveAddress(service, others), others), status: { loadBalancer: {} } };
      },
      warnings: (service) => (hasAddress(service) ? [NO_PROXY] : []),
    },
    update: {
      ...base.update,
      prepare: (next, old) => keepStatus(dropDependent(keepNodePorts(keepAddress(next, old), old), old), old),
      admission: async (store) => {
        const all = await listed(store);
        const [address, ports] = [admitAddress(all), admitNodePorts(all)];
        return (next, old) => ports(address(next, old), old);
      },
    },
  },
  subresources: {
    status: { kind: 'Service', verbs: ['get', 'patch', 'update'], update: plainStatus(loadBalancerStatusErrors) },
  },
});
