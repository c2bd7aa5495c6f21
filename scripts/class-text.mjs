// The classes of a source file, and how large they are, as far as its text alone tells. scripts/check-class-size.mjs says
// what counts.
/** The text without comments, and with texts and characters as empty ones. */
const bare = (text) =>
  text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|(?<!\w)'(?:[^'\\\n]|\\.)*'/g, (each) =>
    each.startsWith('/') ? ' ' : '""',
  );

/** The place behind the brace that closes the one at `open`. */
function behindBrace(text, open) {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}' && --depth === 0) return at + 1;
  }
  return text.length;
}

/** The declarations in the body of a class, each without what its braces hold. */
function* declarationsIn(body) {
  let declaration = '';
  for (let at = 0; at < body.length; at++) {
    if (body[at] === '{') {
      at = behindBrace(body, at) - 1;
      declaration += '{}';
      // The body of a function ends it. What another brace, comma or semicolon follows is the value of a field, or of a
      // member in front of the body of a constructor; so is what stands within parentheses.
      const ends = isBalanced(declaration) && !/^\s*[;,{]/.test(body.slice(at + 1));
      if (ends && isFunction(declaration)) {
        yield declaration;
        declaration = '';
      }
    } else if (body[at] === ';') {
      yield declaration;
      declaration = '';
    } else declaration += body[at];
  }
}

/** Without the arguments of templates, which may be types of functions. */
function plain(text) {
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(/(?<=\w)<[^<>]*>/g, '');
  }
  return text;
}
const isBalanced = (text) => text.split('(').length === text.split(')').length;
const isFunction = (declaration) => /^[^={]*\w\s*\(|\boperator\b/.test(plain(declaration));
const noMember =
  /^(?:using|typedef|friend|static_assert|enum|class|struct|union|static|template\s*<[^>]*>\s*(?:class|struct))\b/;

/**
 * @param {string} text C++
 * @returns {{ name: string, methods: number, fields: number }[]}
 */
export function classesInCpp(text) {
  const source = bare(text);
  const [, namespace = ''] = /\bnamespace (rtm[\w:]*) \{/.exec(source) ?? [];
  const classes = [];
  for (const found of source.matchAll(/\b(class|struct) ([\w:]+)(?: final)?(?: : [^;{(]*)?\s*\{/g)) {
    const [whole, kind, className] = found;
    if (/\benum\s*$/.test(source.slice(0, found.index))) continue;
    const open = found.index + whole.length - 1;
    const body = source.slice(open + 1, behindBrace(source, open) - 1);
    const own = className.split('::').at(-1);
    let access = kind === 'class' ? 'private' : 'public';
    let methods = 0;
    let fields = 0;
    for (const each of declarationsIn(body)) {
      const declaration = each.replace(/\b(public|protected|private):(?!:)/g, (_, next) => {
        access = next;
        return '';
      });
      const member = declaration.trim().replace(/^(?:\[\[.*?\]\]|virtual|explicit|inline|constexpr|mutable)\s+/g, '');
      if (member === '') continue;
      if (isFunction(member)) {
        const isStructor = new RegExp(`^(?:constexpr |explicit )*~?${own}\\s*\\(`).test(member);
        if (noMember.test(member) && !/^static\b/.test(member)) continue;
        if (access === 'public' && !isStructor && !/=\s*delete\b/.test(member)) methods += 1;
      } else if (!noMember.test(member)) {
        fields += plain(member).replace(/\{\}/g, '').split(',').length;
      }
    }
    classes.push({ name: [namespace, className].filter(Boolean).join('::'), methods, fields });
  }
  return classes;
}

/**
 * An accessor counts as a method. Fields are also the parameters of a constructor that become fields. The text is formatted,
 * so the members of a class stand one step to the right of it.
 * @param {string} text TypeScript
 * @returns {{ name: string, methods: number, fields: number }[]}
 */
export function classesInTs(text) {
  const classes = [];
  for (const found of text.matchAll(/^( *)(?:export )?(?:default )?(?:abstract )?class (\w+)[^\n]*\{$/gm)) {
    const [whole, indent, name] = found;
    const rest = text.slice(found.index + whole.length);
    const body = rest.slice(0, rest.indexOf(`\n${indent}}`));
    const lines = body.split('\n').filter((line) => line.startsWith(`${indent}  `));
    const members = lines.map((line) => line.slice(indent.length + 2)).filter((line) => /^[\w#[*]/.test(line));
    const modifiers = '(?:(?:public|async|override|readonly|declare|abstract|get|set) )*';
    const isMethod = new RegExp(`^${modifiers}\\*?(?:\\[[\\w.]+\\]|(?!constructor\\b)\\w+)(?:<.*)?\\(`);
    const isField = new RegExp(`^(?:private |protected )?${modifiers}#?\\w+[?!]?(?:: |;| = )`);
    const [, parameters = ''] =
      new RegExp(`^${indent}  (?:private )?constructor\\(([\\s\\S]*?)\\) \\{`, 'm').exec(body) ?? [];
    classes.push({
      name,
      methods: members.filter((line) => isMethod.test(line)).length,
      fields:
        members.filter((line) => isField.test(line)).length +
        [...parameters.matchAll(/(?:^|[,\s])(?:(?:private|protected|public) (?:readonly )?|readonly )\w+[?]?:/g)]
          .length,
    });
  }
  return classes;
}
