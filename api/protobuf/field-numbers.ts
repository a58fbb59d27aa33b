/**
 * Field numbers of the messages that clients send as protobuf (client-go by itself, and with it some of kubectl's
 * commands), by their name in the schema, which knows the types. A `*` marks a field that counts also when it is zero or empty; the others are
 * sent always and mean nothing then. A `^` marks a message of core/v1 whose fields are in JSON those of the message
 * around it.
 */
import { nodeMessages } from './node-fields.ts';
import { podMessages } from './pod-fields.ts';

const core = 'io.k8s.api.core.v1.';
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const authentication = 'io.k8s.api.authentication.v1.';
const authorization = 'io.k8s.api.authorization.v1.';
const coordination = 'io.k8s.api.coordination.v1.';
const discovery = 'io.k8s.api.discovery.v1.';
const event = 'io.k8s.api.events.v1.';
const node = 'io.k8s.api.node.v1.';

const table: Record<string, string> = {
  [`${meta}ObjectMeta`]:
    'name=1 generateName=2 namespace=3 uid=5 resourceVersion=6 generation=7 creationTimestamp=8 deletionTimestamp=9 *deletionGracePeriodSeconds=10 labels=11 annotations=12 ownerReferences=13 finalizers=14',
  [`${meta}OwnerReference`]: 'kind=1 name=3 uid=4 apiVersion=5 *controller=6 *blockOwnerDeletion=7',
  [`${meta}DeleteOptions`]:
    '*gracePeriodSeconds=1 preconditions=2 *orphanDependents=3 propagationPolicy=4 dryRun=5 *ignoreStoreReadErrorWithClusterBreakingPotential=6',
  [`${meta}Preconditions`]: 'uid=1 resourceVersion=2',
  [`${meta}FieldSelectorRequirement`]: 'key=1 operator=2 values=3',
  [`${meta}Condition`]: 'type=1 status=2 observedGeneration=3 lastTransitionTime=4 reason=5 message=6',
  [`${meta}LabelSelector`]: 'matchLabels=1 matchExpressions=2',
  [`${meta}LabelSelectorRequirement`]: 'key=1 operator=2 values=3',
  [`${core}ConfigMap`]: 'metadata=1 data=2 binaryData=3 *immutable=4',
  [`${core}Secret`]: 'metadata=1 data=2 type=3 stringData=4 *immutable=5',
  [`${core}Namespace`]: 'metadata=1 spec=2 status=3',
  [`${core}NamespaceSpec`]: 'finalizers=1',
  [`${core}NamespaceStatus`]: 'phase=1 conditions=2',
  [`${core}NamespaceCondition`]: 'type=1 status=2 lastTransitionTime=4 reason=5 message=6',
  [`${core}ServiceAccount`]: 'metadata=1 secrets=2 imagePullSecrets=3 *automountServiceAccountToken=4',
  [`${core}ObjectReference`]: 'kind=1 namespace=2 name=3 uid=4 apiVersion=5 resourceVersion=6 fieldPath=7',
  [`${core}LocalObjectReference`]: 'name=1',
  [`${core}Service`]: 'metadata=1 spec=2 status=3',
  [`${core}ServiceSpec`]:
    'ports=1 selector=2 clusterIP=3 type=4 externalIPs=5 sessionAffinity=7 loadBalancerIP=8 loadBalancerSourceRanges=9 externalName=10 externalTrafficPolicy=11 healthCheckNodePort=12 publishNotReadyAddresses=13 sessionAffinityConfig=14 ipFamilyPolicy=17 clusterIPs=18 ipFamilies=19 *allocateLoadBalancerNodePorts=20 loadBalancerClass=21 internalTrafficPolicy=22 trafficDistribution=23',
  [`${core}ServicePort`]: 'name=1 protocol=2 port=3 targetPort=4 nodePort=5 appProtocol=6',
  [`${core}ServiceStatus`]: 'loadBalancer=1 conditions=2',
  [`${core}LoadBalancerStatus`]: 'ingress=1',
  [`${core}LoadBalancerIngress`]: 'ip=1 hostname=2 *ipMode=3 ports=4',
  [`${core}PortStatus`]: 'port=1 protocol=2 *error=3',
  [`${core}SessionAffinityConfig`]: 'clientIP=1',
  [`${core}ClientIPConfig`]: '*timeoutSeconds=1',
  [`${core}Event`]:
    'metadata=1 involvedObject=2 reason=3 message=4 source=5 firstTimestamp=6 lastTimestamp=7 count=8 type=9 eventTime=10 *series=11 action=12 *related=13 reportingComponent=14 reportingInstance=15',
  [`${core}EventSource`]: 'component=1 host=2',
  [`${core}EventSeries`]: 'count=1 lastObservedTime=2',
  [`${core}Binding`]: 'metadata=1 target=2',
  [`${authentication}SelfSubjectReview`]: 'metadata=1',
  [`${authentication}TokenRequest`]: 'metadata=1 spec=2 status=3',
  [`${authentication}TokenRequestSpec`]: 'audiences=1 boundObjectRef=3 *expirationSeconds=4',
  [`${authentication}TokenRequestStatus`]: '',
  [`${authentication}BoundObjectReference`]: 'kind=1 apiVersion=2 name=3 uid=4',
  [`${authentication}TokenReview`]: 'metadata=1 spec=2',
  [`${authentication}TokenReviewSpec`]: 'token=1 audiences=2',
  [`${authorization}SelfSubjectAccessReview`]: 'metadata=1 spec=2',
  [`${authorization}SelfSubjectAccessReviewSpec`]: 'resourceAttributes=1 nonResourceAttributes=2',
  [`${authorization}ResourceAttributes`]:
    'namespace=1 verb=2 group=3 version=4 resource=5 subresource=6 name=7 fieldSelector=8 labelSelector=9',
  [`${authorization}NonResourceAttributes`]: 'path=1 verb=2',
  [`${authorization}FieldSelectorAttributes`]: 'rawSelector=1 requirements=2',
  [`${authorization}LabelSelectorAttributes`]: 'rawSelector=1 requirements=2',
  [`${authorization}SelfSubjectRulesReview`]: 'metadata=1 spec=2',
  [`${authorization}SelfSubjectRulesReviewSpec`]: 'namespace=1',
  [`${coordination}Lease`]: 'metadata=1 spec=2',
  [`${coordination}LeaseSpec`]:
    '*holderIdentity=1 *leaseDurationSeconds=2 *acquireTime=3 *renewTime=4 *leaseTransitions=5 *strategy=6 *preferredHolder=7',
  [`${discovery}EndpointSlice`]: 'metadata=1 addressType=4 endpoints=2 ports=3',
  [`${discovery}Endpoint`]:
    'addresses=1 conditions=2 *hostname=3 *targetRef=4 deprecatedTopology=5 *nodeName=6 *zone=7 *hints=8',
  [`${discovery}EndpointConditions`]: '*ready=1 *serving=2 *terminating=3',
  [`${discovery}EndpointHints`]: 'forZones=1 forNodes=2',
  [`${discovery}ForZone`]: 'name=1',
  [`${discovery}ForNode`]: 'name=1',
  [`${discovery}EndpointPort`]: '*name=1 *protocol=2 *port=3 *appProtocol=4',
  [`${event}Event`]:
    'metadata=1 eventTime=2 *series=3 reportingController=4 reportingInstance=5 action=6 reason=7 regarding=8 *related=9 note=10 type=11 deprecatedSource=12 deprecatedFirstTimestamp=13 deprecatedLastTimestamp=14 deprecatedCount=15',
  [`${event}EventSeries`]: 'count=1 lastObservedTime=2',
  [`${node}RuntimeClass`]: 'metadata=1 handler=2 *overhead=3 *scheduling=4',
  [`${node}Overhead`]: 'podFixed=1',
  [`${node}Scheduling`]: 'nodeSelector=1 tolerations=2',
  'io.k8s.api.policy.v1.Eviction': 'metadata=1 deleteOptions=2',
  ...Object.fromEntries(
    Object.entries({ ...podMessages, ...nodeMessages }).map(([message, fields]) => [core + message, fields]),
  ),
};

export interface NumberedField {
  name: string;
  /** Keep it when it is zero or empty. */
  significant: boolean;
  /** The message whose fields are, in JSON, those of the message around it. */
  inline?: string;
}

/** Fields by number; undefined for a message that is not read here. */
export function numberedFields(message: string): ReadonlyMap<number, NumberedField> | undefined {
  return parsed.get(message);
}

const parsed = new Map(
  Object.entries(table).map(([message, fields]) => [
    message,
    new Map(
      fields
        .split(' ')
        .filter(Boolean)
        .map((field) => {
          const [name, number] = field.replace('*', '').split('=') as [string, string];
          const inline = name.startsWith('^') ? { inline: core + name.slice(1) } : {};
          return [Number(number), { name, significant: field.startsWith('*'), ...inline }] as const;
        }),
    ),
  ]),
);
