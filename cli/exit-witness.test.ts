import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseExit, witnessedExits } from './exit-witness.ts';
import { openHome } from './home.ts';

const prefix = '2026-11-26 03:43:40.96622281 +0000 UTC k8s.io /tasks/exit';
const exit = '{"container_id":"c1","id":"c1","pid":7,"exit_status":7,"exited_at":"2026-11-26T03:43:40.966081018Z"}';
const c1 = { id: 'c1', exitCode: 7, at: '2026-11-26T03:43:40.966Z' };

test.each([
  ['an exit', `${prefix} ${exit}`, c1],
  ['an exit with 0, which is left out', `${prefix} {"container_id":"c1","id":"c1","pid":7}`, { ...c1, exitCode: 0 }],
  ['the end of a command in a container', `${prefix} {"container_id":"c1","id":"e1","exit_status":1}`, undefined],
  ['a line cut off', `${prefix} ${exit.slice(0, 60)}`, undefined],
  ['a line cut off within, and its last brace by chance', `${prefix} ${exit.slice(0, 60)}}`, undefined],
  ['another event', `${prefix.replace('exit', 'start')} {"container_id":"c1","pid":7}`, undefined],
  ['a line without a time', `k8s.io /tasks/exit ${exit}`, undefined],
  ['an error of the program', 'ctr: failed to dial "/run/containerd.sock"', undefined],
])('reads %s', (_, line, expected) => {
  expect(parseExit(line)).toEqual(expected);
});

test('what is on record, over a rotation; nothing where nothing was written', () => {
  const directory = mkdtempSync(join(tmpdir(), 'durapod-witness-'));
  try {
    const home = openHome(directory);
    expect(witnessedExits(home)).toEqual([]);
    writeFileSync(join(home.log, 'exits.log.1'), `${prefix} ${exit}\n`);
    writeFileSync(join(home.log, 'exits.log'), `${prefix} ${exit.replaceAll('c1', 'c2')}\n${prefix} {"conta`);
    expect(witnessedExits(home)).toEqual([c1, { ...c1, id: 'c2' }]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
