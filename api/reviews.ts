/** Questions about oneself (`kubectl auth whoami`, `kubectl auth can-i`), and whose a token is. */
import type { Context } from 'hono';
import { invalid as invalidField } from '../pod/field-error.ts';
import type { KubeObject } from '../pod/types.ts';
import { isAllowed, roleOf } from './authorize.ts';
import { apiVersionOf, decodeObject, type Kind } from './decode/object.ts';
import { parsedBody } from './decode/request.ts';
import { checkWriteOptions, fieldValidation } from './decode/write-options.ts';
import type { ApiDeps, App, AppEnv, Identity } from './deps.ts';
import { accepted } from './encode/accept.ts';
import { answer } from './encode/respond.ts';
import { badRequest, invalid, methodNotAllowed } from './errors.ts';
import { timestamp } from './objects/time.ts';
import { rootOf } from './registry/index.ts';
import { ISSUER } from './service-accounts/token-issuer.ts';

const AUTHENTICATION = 'authentication.k8s.io';
const AUTHORIZATION = 'authorization.k8s.io';

/** What a review of access may say of what is asked for. */
type Asked = Partial<Record<'verb' | 'group' | 'resource' | 'subresource' | 'path', string>>;

export interface Review extends Kind {
  plural: string;
  status(identity: Identity, asked: KubeObject, deps: ApiDeps): object | Promise<object>;
}

const userInfo = ({ name, groups, uid, extra }: Identity) => ({
  username: name,
  ...(uid ? { uid } : {}),
  groups,
  ...(extra ? { extra } : {}),
});

/** Whether the one who asks may do one thing. Throws 422. */
function accessStatus(identity: Identity, { spec = {}, metadata }: KubeObject): object {
  const { resourceAttributes: resource, nonResourceAttributes: path }: Partial<Record<string, Asked>> = spec;
  const errors = [
    ...(resource && path
      ? [invalidField('spec.nonResourceAttributes', path, 'cannot be specified in combination with resourceAttributes')]
      : []),
    ...(resource || path
      ? []
      : [
          invalidField(
            'spec.resourceAttributes',
            null,
            'exactly one of nonResourceAttributes or resourceAttributes must be specified',
          ),
        ]),
    ...(isEmpty(metadata) ? [] : [invalidField('metadata', metadata, 'must be empty')]),
  ];
  if (errors.length > 0) throw invalid({ group: AUTHORIZATION, kind: 'SelfSubjectAccessReview' }, '', errors);
  const { verb = '', group = '', resource: plural = '', subresource } = resource ?? {};
  const attributes = resource
    ? { verb, group, resource: plural, subresource }
    : { verb: path?.verb ?? '', path: path?.path ?? '' };
  return { allowed: isAllowed(identity, attributes), reason: roleOf(identity).why };
}

const isEmpty = ({ managedFields: _, ...metadata }: KubeObject['metadata']): boolean =>
  Object.values(metadata).every((value) => value === undefined || value === null || value === '');

/** All that the one who asks may do, which is the same in each namespace. Throws 400. */
function rulesStatus(identity: Identity, { spec }: KubeObject): object {
  if (!spec?.namespace) throw badRequest('no namespace on request');
  const { resourceRules, nonResourceRules } = roleOf(identity);
  return { resourceRules, nonResourceRules, incomplete: false };
}

/** Throws 400. */
async function tokenStatus(_: Identity, { spec }: KubeObject, { holderOf, tokens }: ApiDeps): Promise<object> {
  const token: string = spec?.token ?? '';
  if (!token) throw badRequest('token is required for TokenReview in authentication');
  const audiences: string[] = spec?.audiences?.length ? spec.audiences : [ISSUER];
  const holder = await holderOf(token, audiences);
  if (holder) return { authenticated: true, user: userInfo(holder), audiences: holder.audiences };
  return { authenticated: false, user: {}, error: refusal(await tokens.audiencesOf(token), audiences) };
}

/** Of a token that is for others two of upstream's authenticators have something to say, and Go writes it down. */
function refusal(meant: string[] | undefined, asked: string[]): string {
  const why = 'invalid bearer token';
  if (!meant || meant.some((audience) => asked.includes(audience))) return why;
  const listed = (audiences: string[]) => `[${audiences.map((audience) => JSON.stringify(audience)).join(' ')}]`;
  return `[${why}, token audiences ${listed(meant)} is invalid for the target audiences ${listed(asked)}]`;
}

export const reviews: readonly Review[] = [
  {
    group: AUTHENTICATION,
    version: 'v1',
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    status: (identity) => ({ userInfo: userInfo(identity) }),
  },
  {
    group: AUTHORIZATION,
    version: 'v1',
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    status: accessStatus,
  },
  {
    group: AUTHORIZATION,
    version: 'v1',
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    status: rulesStatus,
  },
  {
    group: AUTHENTICATION,
    version: 'v1',
    kind: 'TokenReview',
    plural: 'tokenreviews',
    status: tokenStatus,
  },
];

/** Where a review is asked for. */
export const pathOf = (review: Review): string => `${rootOf(review)}/${review.plural}`;

/** Each is answered at once and kept nowhere. */
export function mountReviews(app: App, deps: ApiDeps): void {
  for (const review of reviews) {
    const path = pathOf(review);
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
