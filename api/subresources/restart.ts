/** POST to restart a container (`?container=`) or the whole Pod, init containers included. */
import { accepted } from '../encode/accept.ts';
import { successStatus } from '../errors.ts';
import { type Handler, show } from '../scope.ts';
import { containerNamed, podOf } from './target.ts';

export const restart: Handler = async (scope) => {
  const { deps, query, request } = scope;
  const format = accepted(request.headers.get('accept'));
  const { ref, object } = await podOf(scope);
  const container = query.get('container') ? containerNamed(object, query.get('container')) : undefined;
  if (scope.store === deps.store) {
    if (container) await deps.pods.restartContainer({ pod: ref, container });
    else await deps.pods.restartPod({ pod: ref });
  }
  return show(scope, successStatus({ name: scope.name, kind: 'pods', uid: ref.uid }), format);
};
