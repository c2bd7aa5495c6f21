// The kinds of settings: how each is written in a file and in the environment, and the error text for a wrong value.

/** A single value. */
export interface Leaf {
  readonly kind: 'leaf';
  /** The expected value, for the words behind "expected". */
  readonly expected: string;
  /** The value in the form that is kept, or undefined if it does not fit. */
  read(value: unknown): unknown;
  /** The value that a text of the environment or the command line stands for; what does not fit stays a text. */
  fromText(text: string): unknown;
  /** Never shown, neither in an error nor by --print-config. */
  readonly secret: boolean;
  /** The default, for people. */
  readonly byDefault: string | undefined;
  /** For the table of settings. */
  readonly about: string;
}

/** Several values under names of their own. */
export interface Section {
  readonly kind: 'section';
  readonly fields: Readonly<Record<string, Field>>;
  /** A single value that may stand in the place of the whole section. */
  readonly short: Leaf | undefined;
  /** The meaning of the short form, where it stands for a part of the section rather than for its opposite. */
  readonly expand: ((short: unknown) => Readonly<Record<string, unknown>> | undefined) | undefined;
}

/** Any number of values of one kind. A later source replaces the whole list. */
export interface List {
  readonly kind: 'list';
  readonly of: Leaf | Section;
  /** One entry, from a word of the environment. */
  readonly fromWord: (word: string) => unknown;
  readonly secret: boolean;
  readonly about: string;
}

export type Field = Leaf | Section | List;

interface About {
  readonly about?: string;
  readonly byDefault?: string;
  readonly secret?: boolean;
}

export function leaf(
  expected: string,
  read: Leaf['read'],
  fromText: Leaf['fromText'],
  { about = '', byDefault, secret = false }: About,
): Leaf {
  return { kind: 'leaf', expected, read, fromText, secret, byDefault, about };
}

export function integer(least: number, most: number, about: About = {}): Leaf {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  return leaf(
    `a whole number ${range}`,
    (value) => (Number.isInteger(value) && Number(value) >= least && Number(value) <= most ? value : undefined),
    (text) => (/^-?\d{1,16}$/.test(text) ? Number(text) : text),
    about,
  );
}

export function positive(most: number, about: About = {}): Leaf {
  return leaf(
    `a number above 0, up to ${most}`,
    (value) => (typeof value === 'number' && value > 0 && value <= most ? value : undefined),
    (text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : text),
    about,
  );
}

const FLAGS: Readonly<Record<string, boolean>> = { true: true, false: false, yes: true, no: false, 1: true, 0: false };

export function flag(about: About = {}): Leaf {
  return leaf(
    'true or false',
    (value) => (typeof value === 'boolean' ? value : undefined),
    (text) => FLAGS[text.toLowerCase()] ?? text,
    about,
  );
}

export function text(expected: string, fits: (text: string) => boolean, about: About = {}): Leaf {
  return leaf(
    expected,
    (value) => (typeof value === 'string' && fits(value) ? value : undefined),
    (given) => given,
    about,
  );
}

export function choice(values: readonly (string | boolean)[], about: About = {}): Leaf {
  return leaf(
    values
      .map(String)
      .join(', ')
      .replace(/, (?=[^,]*$)/, ' or '),
    (value) => (values.includes(value as string) ? value : undefined),
    (given) => values.find((each) => String(each) === given) ?? given,
    about,
  );
}

export function section(
  fields: Section['fields'],
  short?: { readonly leaf: Leaf; readonly expand?: NonNullable<Section['expand']> },
): Section {
  return { kind: 'section', fields, short: short?.leaf, expand: short?.expand };
}

export function list(of: Leaf | Section, about: About & { readonly fromWord?: List['fromWord'] } = {}): List {
  const { fromWord = (word) => (of.kind === 'leaf' ? of.fromText(word) : word), secret = false } = about;
  return { kind: 'list', of, fromWord, secret, about: about.about ?? '' };
}

/** Every setting that is no section, with its path, such as `limits.messageBytes`. */
export function* settingsOf(
  field: Section,
  path: readonly string[] = [],
): Generator<{ readonly path: readonly string[]; readonly field: Leaf | List }> {
  for (const [name, each] of Object.entries(field.fields)) {
    const here = [...path, name];
    if (each.kind !== 'section') yield { path: here, field: each };
    else {
      if (each.short) yield { path: here, field: each.short };
      yield* settingsOf(each, here);
    }
  }
}
