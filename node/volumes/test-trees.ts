/** Trees as containers can make them, and a path cannot name them. */
import { execFileSync } from 'node:child_process';

/** Directories inside one another, deeper than a path may be long (PATH_MAX), and a file of so many bytes in the last. */
export function makeDeepTree(directory: string, bytes: number): void {
  const script = `
    const fs = require('node:fs');
    for (let depth = 0; depth < 40; depth++) {
      fs.mkdirSync('d'.repeat(200));
      process.chdir('d'.repeat(200));
    }
    fs.writeFileSync('file', Buffer.alloc(${bytes}, 1));`;
  execFileSync(process.execPath, ['-e', script], { cwd: directory });
}

/** Nothing can be done to the file any more, nor anything removed from the directory, until the attribute is gone. */
export function makeImmutable(path: string, attribute: '+i' | '+a' = '+i'): void {
  execFileSync('chattr', [attribute, path]);
}
