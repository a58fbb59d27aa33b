/** What is served, for clients to find out. */
import type { ApiDeps, App } from '../deps.ts';
import { accepted } from '../encode/accept.ts';
import { answer } from '../encode/respond.ts';
import { rootOf } from '../registry/index.ts';
import { groupDiscoveryList } from './aggregated.ts';
import { apiGroup, coreVersions, groupList, resourceList } from './legacy.ts';
import { type ServedGroup, servedGroups } from './served.ts';

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

export function mountDiscovery(app: App, { version }: Pick<ApiDeps, 'version'>): void {
  const core = servedGroups.filter(({ group }) => group === '');
  const named = servedGroups.filter(({ group }) => group !== '');

  app.get('/api', (c) => discover(c.req.raw, core, coreVersions(new URL(c.req.url).host)));
  app.get('/apis', (c) => discover(c.req.raw, named, groupList(named)));
  for (const served of servedGroups) {
    app.get(rootOf(served), (c) => plainly(c.req.raw, resourceList(served)));
  }
  for (const served of named) app.get(`/apis/${served.group}`, (c) => plainly(c.req.raw, apiGroup(served)));
  app.get('/version', (c) => plainly(c.req.raw, versionInfo(version.gitVersion)));
  const paths = [
    '/api',
    '/apis',
    ...servedGroups.map(rootOf),
    '/healthz',
    '/livez',
    '/metrics',
    '/openapi/v3',
    '/readyz',
    '/version',
  ];
  app.get('/', (c) => plainly(c.req.raw, { paths: paths.sort() }));
}

const plainly = (request: Request, body: object): Response =>
  answer(request, body, accepted(request.headers.get('accept')));

/** In one answer for those who ask so, in upstream's older form for the others. */
function discover(request: Request, groups: readonly ServedGroup[], older: object): Response {
  const how = accepted(request.headers.get('accept'), ['APIGroupDiscoveryList']);
  return how.as
    ? answer(request, groupDiscoveryList(groups), how, { type: aggregatedType })
    : answer(request, older, how);
}

/** `major` and `minor` are upstream's whose API this is, taken from the version itself. */
function versionInfo(gitVersion: string): object {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  // Clients with models want each of these; what has no meaning here is what a build that does not know says.
  const build = { gitCommit: '', gitTreeState: '', buildDate: '1970-01-01T00:00:00Z' };
  return { major, minor, gitVersion, ...build, goVersion: '', compiler: '', platform: '' };
}
