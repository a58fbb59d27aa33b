import { expect, test } from 'vitest';
import { realClock } from './clock.ts';
import { FileSystem } from './file-system.ts';
import { Process } from './process.ts';
import { runCommand, startProblem } from './programs.ts';
import { parseShell, ShellSyntaxError } from './shell-parser.ts';

async function sh(script: string, files = new FileSystem()) {
  const output = { 1: '', 2: '' };
  const process = new Process({
    env: { NAME: 'value', EMPTY: '' },
    files,
    clock: realClock,
    output: (stream, text) => {
      output[stream] += text;
    },
  });
  const code = await process.run(() => runCommand(['sh', '-c', script], process));
  return { code, out: output[1], err: output[2] };
}

test.each([
  ['true', 0, ''],
  ['false', 1, ''],
  ['exit 3; echo never', 3, ''],
  ['echo a b   "c  d" \'e  f\' g\\ h', 0, 'a b c  d e  f g h\n'],
  ['echo -n a; echo b', 0, 'ab\n'],
  ['echo a && echo b', 0, 'a\nb\n'],
  ['false && echo no || echo yes', 0, 'yes\n'],
  ['true || echo no; echo after', 0, 'after\n'],
  ['false; echo $?', 0, '1\n'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
  ['echo $NAME "${NAME}s" \'$NAME\' $EMPTY $UNSET "" x', 0, 'value values $NAME  x\n'],
  ['echo "\\"quoted\\" \\$NAME" \\$NAME', 0, '"quoted" $NAME $NAME\n'],
  ['# nothing\necho one # two\necho three', 0, 'one\nthree\n'],
  ['echo a#b', 0, 'a#b\n'],
  ['echo one \\\n two', 0, 'one two\n'],
  ['echo in > /tmp/f; echo more >> /tmp/f; cat /tmp/f', 0, 'in\nmore\n'],
  ['echo lost > /dev/null; echo kept', 0, 'kept\n'],
  ['cat /none 2> /tmp/e; cat /tmp/e', 0, "cat: can't open '/none': No such file or directory\n"],
  ['cat /none 2>&1', 1, "cat: can't open '/none': No such file or directory\n"],
  ['cat /none > /tmp/both 2>&1; cat /tmp/both', 0, "cat: can't open '/none': No such file or directory\n"],
  ['until cat /tmp/go; do touch /tmp/go; done; echo went', 0, 'went\n'],
  ['while cat /tmp/go; do echo no; done', 0, ''],
  ['while true; do sh -c "exit 4" || exit 5; done', 5, ''],
  ['sh -c "exit 4"; echo $?', 0, '4\n'],
  ['sleep 0.01 && echo slept', 0, 'slept\n'],
])('%s', async (script, code, out) => {
  expect(await sh(script)).toMatchObject({ code, out });
});

test.each([
  ['nothing-there', 127, 'sh: nothing-there: not found\n'],
  ['echo x > /none/f', 1, "sh: can't create /none/f: nonexistent directory\n"],
  ['cat /tmp', 1, "cat: can't open '/tmp': Is a directory\n"],
  ['touch /none/f', 1, 'touch: /none/f: No such file or directory\n'],
  ['sleep x', 1, "sleep: invalid number 'x'\n"],
  ['echo a | cat', 2, 'sh: syntax error: "|" is not simulated\n'],
  ['if true; then echo; fi', 2, 'sh: syntax error: "if" is not simulated\n'],
  ['echo $(true)', 2, 'sh: syntax error: "$(" is not simulated\n'],
  ['echo "$(true)"', 2, 'sh: syntax error: command substitution is not simulated\n'],
  ['echo "open', 2, 'sh: syntax error: unterminated quoted string\n'],
  ['while true; do echo', 2, 'sh: syntax error: unexpected end of file (expecting "done")\n'],
  ['done', 2, 'sh: syntax error: unexpected "done"\n'],
  ['sleep 1 &', 2, 'sh: syntax error: "&" is not simulated\n'],
])('%s fails, and says why', async (script, code, err) => {
  expect(await sh(script)).toEqual({ code, out: '', err });
});

test('a syntax error runs nothing', () => {
  expect(() => parseShell('echo a; (b)')).toThrow(ShellSyntaxError);
});

test('SIGTERM: runs the trap between commands, ignored when told, ends it otherwise', async () => {
  const run = async (script: string, then: (process: Process) => void) => {
    const process = new Process({ env: {}, files: new FileSystem(), clock: realClock, output: () => {} });
    const code = process.run(() => runCommand(['sh', '-c', script], process));
    setTimeout(() => then(process), 20);
    return code;
  };
  const term = (process: Process) => process.terminate();
  expect(await run('trap "exit 7" TERM; while true; do sleep 0.01; done', term)).toBe(7);
  expect(await run('trap "" TERM; sleep 0.1; exit 3', term)).toBe(3);
  expect(await run('trap "" TERM; trap - TERM; sleep 10', term)).toBe(143);
  expect(await run('sleep 10 || echo; sleep 10', term)).toBe(143);
  expect(await run('while true; do true; done', term)).toBe(143);
  expect(await run('trap "" TERM; while true; do true; done', (process) => process.kill())).toBe(137);
});

test('what cannot be started', () => {
  expect([['sh'], ['/bin/sleep'], ['/usr/bin/echo'], ['nginx'], ['/opt/x'], []].map(startProblem)).toEqual([
    undefined,
    undefined,
    undefined,
    'exec: "nginx": executable file not found in $PATH',
    'exec: "/opt/x": stat /opt/x: no such file or directory',
    'exec: "": executable file not found in $PATH',
  ]);
});
