/** Questions about oneself (`kubectl auth whoami`, `kubectl auth can-i`), and whose a token is. */
import type { Context } from 'hono';
import type { KubeObject } from '../pod/types.ts';
import { mayDoAll } from './authorize.ts';
import { apiVersionOf, decodeObject, type Kind } from './decode/object.ts';
import { parsedBody } from './decode/request.ts';
import { checkWriteOptions, fieldValidation } from './decode/write-options.ts';
import type { ApiDeps, App, AppEnv, Identity } from './deps.ts';
import { accepted } from './encode/accept.ts';
import { answer } from './encode/respond.ts';
import { methodNotAllowed } from './errors.ts';
import { timestamp } from './objects/time.ts';
import { rootOf } from './registry/index.ts';
import { accountOf } from './service-accounts/identity.ts';

export interface Review extends Kind {
  plural: string;
  status(identity: Identity, asked: KubeObject, deps: ApiDeps): object | Promise<object>;
}

const allowed = (identity: Identity) =>
  mayDoAll(identity)
    ? { allowed: true, reason: 'durapod lets every person and node do everything' }
    : { allowed: false, reason: 'service accounts may only look at what is served' };

const userInfo = ({ name, groups, uid, extra }: Identity) => ({
  username: name,
  ...(uid ? { uid } : {}),
  groups,
  ...(extra ? { extra } : {}),
});

/** Without audiences a token must be for this API. */
async function tokenStatus(_: Identity, { spec }: KubeObject, deps: ApiDeps): Promise<object> {
  const token: string = spec?.token ?? '';
  const asked: string[] | undefined = spec?.audiences?.length ? spec.audiences : undefined;
  const account = await accountOf(deps, token, asked);
  if (account) return { authenticated: true, user: userInfo(account), audiences: account.audiences };
  return { authenticated: false, user: {}, error: 'not a token of a service account in force for these audiences' };
}

export const reviews: readonly Review[] = [
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    status: (identity) => ({ userInfo: userInfo(identity) }),
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    status: allowed,
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    status: (identity) => ({
      resourceRules: mayDoAll(identity) ? [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] : [],
      nonResourceRules: mayDoAll(identity)
        ? [{ verbs: ['*'], nonResourceURLs: ['*'] }]
        : [{ verbs: ['get'], nonResourceURLs: ['/api', '/apis', '/openapi/*', '/version'] }],
      incomplete: false,
    }),
  },
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'TokenReview',
    plural: 'tokenreviews',
    status: tokenStatus,
  },
];

/** Each is answered at once and kept nowhere. */
export function mountReviews(app: App, deps: ApiDeps): void {
  for (const review of reviews) {
    const path = `${rootOf(review)}/${review.plural}`;
    app.post(path, (c) => answerReview(c, deps, review));
    app.all(path, (c) => {
      throw methodNotAllowed(review, c.req.method);
    });
  }
}

async function answerReview(c: Context<AppEnv>, deps: ApiDeps, review: Review): Promise<Response> {
  const request = c.req.raw;
  const query = new URL(request.url).searchParams;
  checkWriteOptions(request, query);
  const body = await parsedBody(deps.schema, request);
  const sent = decodeObject(deps.schema, review, body, fieldValidation(query), () => {});
  const answered = {
    ...sent,
    kind: review.kind,
    apiVersion: apiVersionOf(review),
    metadata: { ...sent.metadata, creationTimestamp: timestamp(deps.now()) },
    status: await review.status(c.get('identity'), sent, deps),
  };
  return answer(request, answered, accepted(request.headers.get('accept')), { status: 201 });
}
