// What the checks of the API surface share: declarations as tokens, a surface as lines, and the difference of two.

const TOKEN = /"(?:[^"\\]|\\.)*"|0[xX][0-9a-fA-F]+|\w+|::|<<|[^\s]/g;

/** One spelling for declarations that differ in white space only. */
export function normalise(tokens) {
  let out = '';
  let previous = '';
  for (const token of tokens) {
    const glued = /^[(),;[\]*&]$/.test(token) || token === '::' || /^([([~-]|::)$/.test(previous);
    out += out === '' || glued ? token : ` ${token}`;
    previous = token;
  }
  return out.replaceAll('{ }', '{}');
}

export const tokenise = (text) => text.match(TOKEN) ?? [];

/** A method as Clang writes it: a parameter that is an array is a pointer. */
const methodSpelling = (text) => normalise(tokenise(text)).replace(/ (\w+)\[\]/g, '* $1');

/** A surface as lines, one per entry; an indented line belongs to the unindented one before it. */
export function render(header) {
  const lines = [];
  lines.push(
    ...Object.entries(header.macros)
      .map(([name, value]) => `macro ${name} ${value}`.trim())
      .sort(),
  );
  for (const { name, hiddenBy, members } of header.enums) {
    lines.push(`enum ${name}${hiddenBy ? `, hidden by ${hiddenBy}` : ''}`, ...renderMembers(members));
  }
  for (const { name, defaultConstructor, members } of header.structs) {
    lines.push(`struct ${name}${defaultConstructor ? ' with a default constructor' : ''}`);
    lines.push(...members.map((member) => `  ${normalise(tokenise(member))}`));
  }
  for (const { name, base, destructor, methods } of header.classes) {
    lines.push(`class ${name}${base ? ` : ${base}` : ''}, ${destructor} destructor`);
    lines.push(...methods.map((method) => `  ${methodSpelling(method)}`));
  }
  lines.push(...header.functions.map((each) => `function ${normalise(tokenise(each))}`));
  return lines;
}

export function renderMembers(members) {
  return Object.entries(members).map(([name, value]) => `  ${name} = ${value}`);
}

/** Lines to take out (-) and to put in (+), under the entry they belong to. Empty if the lists are equal. */
export function difference(expected, found) {
  const common = Array.from({ length: expected.length + 1 }, () => new Uint32Array(found.length + 1));
  for (let i = expected.length - 1; i >= 0; i--) {
    for (let j = found.length - 1; j >= 0; j--) {
      common[i][j] = expected[i] === found[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const out = [];
  let entry = '';
  let shown = '';
  const report = (sign, line) => {
    if (!line.startsWith(' ')) entry = line;
    else if (shown !== entry) out.push(`    ${entry}`);
    shown = entry;
    out.push(`  ${sign} ${line}`);
  };
  for (let i = 0, j = 0; i < expected.length || j < found.length; ) {
    if (i < expected.length && j < found.length && expected[i] === found[j]) {
      if (!expected[i].startsWith(' ')) entry = expected[i];
      i++;
      j++;
    } else if (j >= found.length || (i < expected.length && common[i + 1][j] >= common[i][j + 1])) {
      report('-', expected[i++]);
    } else {
      report('+', found[j++]);
    }
  }
  return out;
}
