/**
 * The part of the shell's language that simulated containers speak: simple commands joined by `;`, newline, `&&` and
 * `||`, `while` and `until` loops, quotes, variables, output redirections. Pure.
 */

/** Thrown for what is wrong or not simulated; the message names it. */
export class ShellSyntaxError extends Error {
  override readonly name = 'ShellSyntaxError';
}

export type Part = { text: string } | { variable: string };
export interface Word {
  parts: Part[];
  /** True when any of it was quoted: then it stays a word even if it comes out empty. */
  quoted: boolean;
}

export type Redirect = { fd: 1 | 2; file: Word; append: boolean } | { fd: 1 | 2; like: 1 | 2 };

export type Command =
  | { type: 'simple'; words: Word[]; redirects: Redirect[] }
  | { type: 'loop'; until: boolean; condition: List; body: List };

/** Commands in order; each runs by what the one before ended with. */
export type List = { when: 'always' | 'success' | 'failure'; command: Command }[];

type Token =
  | { kind: 'operator'; text: ';' | '&&' | '||' }
  | { kind: 'word'; word: Word }
  | { kind: 'redirect'; fd: 1 | 2; append: boolean; like?: 1 | 2 };

const NOT_SIMULATED = new Set(['if', 'then', 'for', 'case', 'function', '{', '}', '!', 'select']);

/** Parses a script. Throws ShellSyntaxError. */
export function parseShell(script: string): List {
  const parser = new Parser(tokenize(script));
  return parser.list();
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  /** Commands up to one of the `ends` (which is taken), or to the end of the script when there are none. */
  list(...ends: string[]): List {
    const list: List = [];
    let when: List[number]['when'] = 'always';
    for (;;) {
      this.#skipSeparators();
      const keyword = this.#keyword();
      if (keyword !== undefined && ends.includes(keyword)) {
        this.#at++;
        return list;
      }
      if (this.#at >= this.#tokens.length) {
        if (ends.length > 0) throw new ShellSyntaxError(`unexpected end of file (expecting "${ends.join('" or "')}")`);
        return list;
      }
      list.push({ when, command: this.#command() });
      const next = this.#tokens[this.#at];
      if (next?.kind !== 'operator') continue;
      this.#at++;
      when = next.text === '&&' ? 'success' : next.text === '||' ? 'failure' : 'always';
    }
  }

  #skipSeparators(): void {
    for (
      let token = this.#tokens[this.#at];
      token?.kind === 'operator' && token.text === ';';
      token = this.#tokens[this.#at]
    )
      this.#at++;
  }

  /** The word here, if it could be a keyword. */
  #keyword(): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word' || token.word.quoted) return undefined;
    const [part, ...more] = token.word.parts;
    return part && 'text' in part && more.length === 0 ? part.text : undefined;
  }

  #command(): Command {
    const keyword = this.#keyword();
    if (keyword === 'do' || keyword === 'done') throw new ShellSyntaxError(`unexpected "${keyword}"`);
    if (keyword !== undefined && NOT_SIMULATED.has(keyword))
      throw new ShellSyntaxError(`"${keyword}" is not simulated`);
    if (keyword !== 'while' && keyword !== 'until') return this.#simple();
    this.#at++;
    const condition = this.list('do');
    return { type: 'loop', until: keyword === 'until', condition, body: this.list('done') };
  }

  #simple(): Command {
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (let token = this.#tokens[this.#at]; token && token.kind !== 'operator'; token = this.#tokens[this.#at]) {
      this.#at++;
      if (token.kind === 'word') words.push(token.word);
      else if (token.like !== undefined) redirects.push({ fd: token.fd, like: token.like });
      else redirects.push({ fd: token.fd, file: this.#file(), append: token.append });
    }
    if (words.length === 0 && redirects.length === 0) throw new ShellSyntaxError('a command is missing');
    return { type: 'simple', words, redirects };
  }

  #file(): Word {
    const token = this.#tokens[this.#at++];
    if (token?.kind !== 'word') throw new ShellSyntaxError('a redirection without a file');
    return token.word;
  }
}

/** One alternative for each kind of token, tried in this order where the last one ended. */
const BLANK = /(?:[ \t]|\\\n|#[^\n]*)+/y;
const OPERATOR = /&&|\|\||;|\n/y;
const REDIRECT = /([12])?(>>?)(?:&([12]))?[ \t]*/y;
const UNSUPPORTED = /[|&()<`]|\$\(/y;
const WORD = /(?:[^\s;&|<>()'"\\`$]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\$(?!\())+/y;

function tokenize(script: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(script);
    if (match) at = pattern.lastIndex;
    return match ?? undefined;
  };
  while (at < script.length) {
    if (take(BLANK)) continue;
    const operator = take(OPERATOR)?.[0];
    if (operator) {
      tokens.push({ kind: 'operator', text: operator === '\n' ? ';' : (operator as ';' | '&&' | '||') });
      continue;
    }
    const redirect = take(REDIRECT);
    if (redirect) {
      const [, fd = '1', arrows, like] = redirect;
      const token = { kind: 'redirect', fd: Number(fd) as 1 | 2, append: arrows === '>>' } as const;
      tokens.push(like === undefined ? token : { ...token, like: Number(like) as 1 | 2 });
      continue;
    }
    const unsupported = take(UNSUPPORTED)?.[0];
    if (unsupported) throw new ShellSyntaxError(`"${unsupported}" is not simulated`);
    const text = take(WORD)?.[0];
    if (text === undefined) throw new ShellSyntaxError('unterminated quoted string');
    tokens.push({ kind: 'word', word: parseWord(text) });
  }
  return tokens;
}

const PIECE = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^'"\\]+)/g;

function parseWord(text: string): Word {
  const parts: Part[] = [];
  let quoted = false;
  for (const [, single, double, escaped, plain] of text.matchAll(PIECE)) {
    quoted ||= plain === undefined;
    if (single !== undefined) parts.push({ text: single });
    else if (escaped !== undefined) parts.push({ text: escaped === '\n' ? '' : escaped });
    else parts.push(...expansions(double ?? plain ?? '', double !== undefined));
  }
  return { parts, quoted };
}

const EXPANSION = /\\([$`"\\\n])|\$(?:\{(\w+)\}|(\w+|\?))|[^\\$]+|[\s\S]/g;

function expansions(text: string, quoted: boolean): Part[] {
  if (/\$\(|`/.test(text.replaceAll(/\\[\s\S]/g, '')))
    throw new ShellSyntaxError('command substitution is not simulated');
  return [...text.matchAll(EXPANSION)].map(([all, escaped, braced, plain]) => {
    const variable = braced ?? plain;
    if (variable !== undefined) return { variable };
    return { text: quoted && escaped !== undefined ? escaped.replace('\n', '') : all };
  });
}
