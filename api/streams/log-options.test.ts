import { expect, test } from 'vitest';
import { parseLogOptions } from './log-options.ts';

const parse = (query: string) => {
  const { query: node, ...rest } = parseLogOptions('web', new URLSearchParams(query));
  return { ...rest, node: node.toString() };
};

test.each([
  ['', { container: undefined, previous: false, node: '' }],
  ['container=a&previous=true', { container: 'a', previous: true, node: '' }],
  ['follow=true&timestamps=1', { container: undefined, previous: false, node: 'follow=true&timestamps=true' }],
  ['follow=false&timestamps=0', { container: undefined, previous: false, node: '' }],
  ['tailLines=0&limitBytes=1', { container: undefined, previous: false, node: 'tailLines=0&limitBytes=1' }],
  [
    'sinceTime=2026-03-04T05:06:07Z&stream=Stdout',
    { container: undefined, previous: false, node: 'sinceTime=2026-03-04T05%3A06%3A07Z&stream=Stdout' },
  ],
])('?%s', (query, options) => {
  expect(parse(query)).toEqual(options);
});

const invalid = (text: string) => `PodLogOptions "web" is invalid: ${text}`;
test.each([
  ['tailLines=-1', 422, invalid('tailLines: Invalid value: -1: must be greater than or equal to 0')],
  ['limitBytes=0', 422, invalid('limitBytes: Invalid value: 0: must be greater than 0')],
  ['sinceSeconds=0', 422, invalid('sinceSeconds: Invalid value: 0: must be greater than 0')],
  [
    'sinceSeconds=1&sinceTime=2026-03-04T05:06:07Z',
    422,
    invalid(': Forbidden: at most one of `sinceTime` or `sinceSeconds` may be given'),
  ],
  ['stream=x', 422, invalid('stream: Unsupported value: "x": supported values: "All", "Stdout", "Stderr"')],
  ['stream=Stdout&tailLines=1', 422, invalid(': Forbidden: `tailLines` and one `stream` exclude one another')],
  ['tailLines=x', 400, 'tailLines must be a whole number, not "x"'],
  ['sinceTime=x', 400, 'sinceTime "x" is not an RFC 3339 time'],
])('refused: ?%s', (query, code, message) => {
  expect(() => parse(query)).toThrow(expect.objectContaining({ code, message }));
});
