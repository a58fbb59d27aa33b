/** Finds keys that stand twice in a JSON object: `JSON.parse` takes the last one silently. */

/** Paths of fields given more than once, e.g. `spec.containers[0].image`. The text must be valid JSON. */
export function duplicateKeys(text: string): string[] {
  const found: string[] = [];
  /** One entry an open object or array: the keys seen (undefined for an array), and where in it we are. */
  const open: { keys?: Set<string>; at: string }[] = [];
  let index = 0;
  let expectKey = false;

  /** Moves past the string that begins at `index` and returns it, quotes included. */
  const string = (): string => {
    const start = index++;
    while (text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
    return text.slice(start, ++index);
  };

  while (index < text.length) {
    const c = text[index];
    const top = open.at(-1);
    if (c === '"') {
      const raw = string();
      if (!expectKey || !top?.keys) continue;
      const key = JSON.parse(raw) as string;
      top.at = `.${key}`;
      if (top.keys.has(key)) found.push(pathOf(open));
      top.keys.add(key);
      expectKey = false;
      continue;
    }
    if (c === '{') open.push({ keys: new Set(), at: '' });
    else if (c === '[') open.push({ at: '[0]' });
    else if (c === '}' || c === ']') open.pop();
    else if (c === ',' && top && !top.keys) top.at = `[${Number(top.at.slice(1, -1)) + 1}]`;
    expectKey = c === '{' || (c === ',' && top?.keys !== undefined) || (expectKey && /\s/.test(c ?? ''));
    index++;
  }
  return found;
}

const pathOf = (open: { at: string }[]): string =>
  open
    .map((o) => o.at)
    .join('')
    .replace(/^\./, '');
