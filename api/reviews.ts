/** Questions about oneself: `kubectl auth whoami` and `kubectl auth can-i`. */
import type { Context } from 'hono';
import { apiVersionOf, decodeObject, type Kind } from './decode/object.ts';
import { fieldValidation } from './decode/options.ts';
import { parsedBody } from './decode/request.ts';
import type { ApiDeps, App, AppEnv, Identity } from './deps.ts';
import { accepted } from './encode/accept.ts';
import { answer } from './encode/respond.ts';
import { timestamp } from './objects/time.ts';
import { rootOf } from './registry/index.ts';

export interface Review extends Kind {
  plural: string;
  status(identity: Identity): object;
}

/** Whoever is known here may do everything: durapod is one user's machine. */
const allowed = () => ({ allowed: true, reason: 'durapod lets every authenticated user do everything' });

export const reviews: readonly Review[] = [
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    status: ({ name, groups, uid }) => ({ userInfo: { username: name, groups, ...(uid ? { uid } : {}) } }),
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
    status: () => ({
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    }),
  },
];

/** Each is answered at once and kept nowhere. */
export function mountReviews(app: App, deps: ApiDeps): void {
  for (const review of reviews) {
    app.post(`${rootOf(review)}/${review.plural}`, (c) => answerReview(c, deps, review));
  }
}

async function answerReview(c: Context<AppEnv>, deps: ApiDeps, review: Review): Promise<Response> {
  const request = c.req.raw;
  const body = await parsedBody(deps.schema, request);
  const validation = fieldValidation(new URL(request.url).searchParams);
  const sent = decodeObject(deps.schema, review, body, validation, () => {});
  const answered = {
    ...sent,
    kind: review.kind,
    apiVersion: apiVersionOf(review),
    metadata: { ...sent.metadata, creationTimestamp: timestamp(deps.now()) },
    status: review.status(c.get('identity')),
  };
  return answer(request, answered, accepted(request.headers.get('accept')), { status: 201 });
}
