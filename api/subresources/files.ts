/** POST of a file into a container: durapod's own way to unblock an init container without exec. */
import { readBody } from '../decode/body.ts';
import { accepted } from '../encode/accept.ts';
import { badRequest } from '../errors.ts';
import { type Handler, show } from '../scope.ts';
import { containerNamed, podOf } from './target.ts';

/** Bytes of one file; larger ones belong in a volume. */
const fileLimit = 256 * 1024;
const maxPath = 4096;
const defaultMode = 0o644;

/** `?container=&path=[&mode=]`, the body is the content. Answers 201 once the file exists. */
export const createFile: Handler = async (scope) => {
  const { query, request, deps } = scope;
  const format = accepted(request.headers.get('accept'));
  const path = pathOf(query.get('path'));
  const mode = modeOf(query.get('mode'));
  const content = await readBody(request, fileLimit);
  const pod = await podOf(scope);
  const container = containerNamed(pod.object, query.get('container'));
  if (scope.store === deps.store) await deps.pods.createFile({ pod: pod.ref, container, path, content, mode });
  const created = {
    pod: scope.name,
    container,
    path,
    bytes: content.byteLength,
    mode: mode.toString(8).padStart(4, '0'),
  };
  return show(scope, created, format, 201);
};

function pathOf(path: string | null): string {
  if (!path?.startsWith('/'))
    throw badRequest('path: give the absolute path of the file in the container, e.g. ?path=/root/myapp');
  if (path.length > maxPath || path.includes('\0'))
    throw badRequest(`path: must be shorter than ${maxPath} characters, without NUL`);
  if (path.endsWith('/') || path.split('/').includes('..')) throw badRequest('path: must name a file, without ".."');
  return path;
}

function modeOf(mode: string | null): number {
  if (!mode) return defaultMode;
  if (!/^0?[0-7]{3}$/.test(mode))
    throw badRequest(`mode: Invalid value: "${mode}": give permission bits in octal, e.g. 0644`);
  return Number.parseInt(mode, 8);
}
