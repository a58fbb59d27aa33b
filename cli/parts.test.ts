import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { homeAt } from './home.ts';
import { openStore } from './parts.ts';
import { freePort } from './ports.ts';

/** PostgreSQL's message ErrorResponse: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

test('a store in PostgreSQL that does not open is one message, without the password', async () => {
  const port = await freePort('127.0.0.1');
  const server = createServer((socket) =>
    socket.once('data', () => socket.end(errorResponse('28P01', 'password authentication failed for user "ann"'))),
  ).listen(port, '127.0.0.1');
  try {
    const url = `postgres://ann:secret@127.0.0.1:${port}/pods`;
    await expect(openStore(homeAt('/home'), { kind: 'postgres', url })).rejects.toMatchObject({
      name: 'UserError',
      message: `cannot open the store in PostgreSQL, database pods at 127.0.0.1:${port}: password authentication failed for user "ann"\nMake that right, or choose another store with --store`,
    });
  } finally {
    server.close();
  }
});

test('a URL that cannot be read is not repeated', async () => {
  const opened = openStore(homeAt('/home'), { kind: 'postgres', url: 'postgres://ann:secret@127.0.0.1:port/pods' });
  await expect(opened).rejects.toMatchObject({
    name: 'UserError',
    message: 'Invalid URL\nMake that right, or choose another store with --store',
  });
});

test('a store in a file that does not open says which', async () => {
  const path = join('/proc', 'durapod', 'store.db');
  await expect(openStore(homeAt('/home'), { kind: 'sqlite', path })).rejects.toMatchObject({
    name: 'UserError',
    message: `cannot open the store ${path}: ENOENT: no such file or directory, open '${path}'\nMake that right, or choose another store with --store`,
  });
});
