import { expect, test } from 'vitest';
import { parseBody, readBody } from './body.ts';

const parse = (text: string, type: string | null) => parseBody(new TextEncoder().encode(text), type);

test.each([
  ['application/json', '{"a":[{"b":1,"b":2},{"b":1}],"c":"}","a":3}', { a: 3, c: '}' }, ['a[0].b', 'a']],
  ['application/json; charset=utf-8', ' {"a\\"b": {"c": 1, "c": 2}}', { 'a"b': { c: 2 } }, ['a"b.c']],
  ['application/merge-patch+json', '{"a":null}', { a: null }, []],
  ['application/yaml', 'a: 1\nb: [{c: 1, c: 2}]\na: 2\n', { a: 2, b: [{ c: 2 }] }, ['b[0].c', 'a']],
  [
    'application/yaml',
    'mode: 0644\nyes: no\ntime: 12:30\nday: 2026-01-02\n',
    { mode: 420, true: false, time: '12:30', day: '2026-01-02' },
    [],
  ],
  [null, '{"a": 1}', { a: 1 }, []],
  [null, 'a: 1', { a: 1 }, []],
])('%s %s', (type, text, value, duplicates) => {
  expect(parse(text, type)).toEqual({ value, duplicates });
});

test.each([
  ['application/json', '{', /^the body of the request is not JSON: /],
  ['application/yaml', 'a: 1\n---\nb: 2\n', /^the body of the request is not YAML: /],
  [
    'application/yaml',
    `a: &a [x,x]\nb: &b [*a,*a,*a]\n${'c: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n'}`,
    /not YAML: .*alias/,
  ],
  [
    'text/plain',
    'a',
    /^the body of the request is in a format that is not accepted \(text\/plain\): send application\/json/,
  ],
])('%s %s is refused', (type, text, message) => {
  expect(() => parse(text, type)).toThrow(message);
});

test('bytes that are no text are refused', () => {
  expect(() => parseBody(new Uint8Array([0xff, 0xfe]), null)).toThrow('the body of the request is not UTF-8');
});

test('reading stops at the limit, also of a body that does not say how long it is', async () => {
  let pulled = 0;
  const body = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(1000));
    },
  });
  const request = new Request('http://x', { method: 'POST', body, duplex: 'half' } as RequestInit);
  await expect(readBody(request, 5000)).rejects.toMatchObject({ code: 413 });
  expect(pulled).toBeLessThan(10);
});
