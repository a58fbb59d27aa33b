/** The programs a simulated image holds. */
import { setImmediate as turn } from 'node:timers/promises';
import { FileError } from './file-system.ts';
import { Exit, type Process } from './process.ts';
import { type Command, type List, parseShell, type Redirect, ShellSyntaxError, type Word } from './shell-parser.ts';

type Output = (stream: 1 | 2, text: string) => void;
type Program = (args: string[], process: Process, output: Output) => number | Promise<number>;

const NOT_FOUND = 127;
const SYNTAX_ERROR = 2;
const ROUNDS_AT_A_TIME = 1000;

const PROGRAMS: Record<string, Program> = {
  true: () => 0,
  false: () => 1,
  echo(args, _process, output) {
    const bare = args[0] === '-n';
    output(1, args.slice(bare ? 1 : 0).join(' ') + (bare ? '' : '\n'));
    return 0;
  },
  async sleep([time = ''], process, output) {
    const seconds = time === 'infinity' ? Number.POSITIVE_INFINITY : Number(time);
    if (time === '' || !(seconds >= 0)) {
      output(2, `sleep: invalid number '${time}'\n`);
      return 1;
    }
    await process.sleep(seconds * 1000);
    return 0;
  },
  exit([code = '0']) {
    throw new Exit(Number(code) & 255);
  },
  cat: (paths, process, output) =>
    each(
      'cat',
      paths,
      output,
      (path) => output(1, process.files.read(path).toString()),
      (path, why) => `can't open '${path}': ${why}`,
    ),
  touch: (paths, process, output) =>
    each(
      'touch',
      paths,
      output,
      (path) => process.files.touch(path, new Date(process.clock.now())),
      (path, why) => `${path}: ${why}`,
    ),
  async sh(args, process, output) {
    if (args.length === 0) return 0;
    const [flag, script] = args;
    if (flag !== '-c' || script === undefined) {
      output(2, `sh: only sh -c SCRIPT is simulated, not: sh ${args.join(' ')}\n`);
      return SYNTAX_ERROR;
    }
    try {
      return await new Shell(process, output).run(parseShell(script));
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error;
      output(2, `sh: syntax error: ${error.message}\n`);
      return SYNTAX_ERROR;
    }
  },
};

function each(
  name: string,
  paths: string[],
  output: Output,
  action: (path: string) => void,
  complaint: (path: string, why: string) => string,
): number {
  let code = 0;
  for (const path of paths) {
    try {
      action(path);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      output(2, `${name}: ${complaint(path, error.message)}\n`);
      code = 1;
    }
  }
  return code;
}

/** Why a command could not be started, in runc's words; undefined when it can. */
export function startProblem([program = '']: string[]): string | undefined {
  if (findProgram(program)) return undefined;
  if (program.includes('/')) return `exec: ${JSON.stringify(program)}: stat ${program}: no such file or directory`;
  return `exec: ${JSON.stringify(program)}: executable file not found in $PATH`;
}

/** Runs a command whose program is there. */
export async function runCommand([name = '', ...args]: string[], process: Process): Promise<number> {
  return findProgram(name)?.(args, process, process.output) ?? NOT_FOUND;
}

function findProgram(name: string): Program | undefined {
  const base = name.replace(/^\/(?:usr\/)?bin\//, '');
  return Object.hasOwn(PROGRAMS, base) ? PROGRAMS[base] : undefined;
}

class Shell {
  readonly #process: Process;
  readonly #output: Output;
  #last = 0;

  constructor(process: Process, output: Output) {
    this.#process = process;
    this.#output = output;
  }

  /** Runs a script's commands; `exit` in it ends the shell, not what called it. */
  async run(list: List): Promise<number> {
    try {
      return await this.#list(list);
    } catch (error) {
      // A signal's Exit leaves through every shell; it stays raised.
      if (!(error instanceof Exit)) throw error;
      this.#process.checkSignals();
      return error.exitCode;
    }
  }

  async #list(list: List): Promise<number> {
    for (const { when, command } of list) {
      if ((when === 'success' && this.#last !== 0) || (when === 'failure' && this.#last === 0)) continue;
      this.#last = command.type === 'loop' ? await this.#loop(command) : await this.#simple(command);
      await this.#heedTerm();
    }
    return this.#last;
  }

  async #loop({ until, condition, body }: Command & { type: 'loop' }): Promise<number> {
    let result = 0;
    for (let round = 1; ((await this.#list(condition)) === 0) !== until; round++) {
      result = await this.#list(body);
      // Between two sleeps a script runs in one go, so that in a test's time nothing is between them; but not for ever.
      if (round % ROUNDS_AT_A_TIME === 0) await turn();
      this.#process.checkSignals();
    }
    return result;
  }

  async #simple({ words, redirects }: Command & { type: 'simple' }): Promise<number> {
    const [name, ...args] = words.flatMap((word) => this.#expand(word));
    const output = this.#redirected(redirects);
    if (!output) return 1;
    if (name === undefined) return 0;
    if (name === 'trap') return this.#trap(args);
    const program = findProgram(name);
    if (program) return program(args, this.#process, output);
    output(2, `sh: ${name}: not found\n`);
    return NOT_FOUND;
  }

  #expand({ parts, quoted }: Word): string[] {
    const values = parts.map((part) => {
      if ('text' in part) return part.text;
      return part.variable === '?' ? String(this.#last) : (this.#process.env[part.variable] ?? '');
    });
    const value = values.join('');
    return value === '' && !quoted ? [] : [value];
  }

  /** Where output goes with these redirections, in their order; undefined (and said) when a file cannot be created. */
  #redirected(redirects: Redirect[]): Output | undefined {
    const outputs: Record<1 | 2, (text: string) => void> = {
      1: (text) => this.#output(1, text),
      2: (text) => this.#output(2, text),
    };
    for (const redirect of redirects) {
      if ('like' in redirect) {
        outputs[redirect.fd] = outputs[redirect.like];
        continue;
      }
      const path = this.#expand(redirect.file).join('');
      const { files } = this.#process;
      try {
        files.write(path, Buffer.alloc(0), { append: redirect.append });
      } catch (error) {
        if (!(error instanceof FileError)) throw error;
        const why = error.code === 'ENOENT' ? 'nonexistent directory' : error.message;
        this.#output(2, `sh: can't create ${path}: ${why}\n`);
        return undefined;
      }
      outputs[redirect.fd] = (text) => files.write(path, Buffer.from(text), { append: true });
    }
    return (stream, text) => outputs[stream](text);
  }

  #trap([action = '-', ...signals]: string[]): number {
    if (signals.some((signal) => /^(SIG)?TERM$|^15$/.test(signal)))
      this.#process.onTerm = action === '-' ? undefined : action;
    return 0;
  }

  /** As a shell does: between commands. */
  async #heedTerm(): Promise<void> {
    const { termPending, onTerm } = this.#process;
    if (!termPending || onTerm === undefined) return;
    this.#process.termPending = false;
    const last = this.#last;
    await this.#list(parseShell(onTerm));
    this.#last = last;
  }
}
