// The porting guide has a table for every class of the surface: a section whose heading names the class, in which every
// method is mentioned in code type.
/** @returns {string[]} a line for each missing name */
export function checkGuide(surface, guide) {
  const sections = new Map();
  for (const section of guide.split(/^#+ /m).slice(1)) {
    const [heading, ...lines] = section.split('\n');
    const text = lines.join('\n');
    for (const [, name] of heading.matchAll(/`(\w+)`/g)) sections.set(name, (sections.get(name) ?? '') + text);
  }
  const codeIn = (text) => new Set([...text.matchAll(/`[^`]+`/g)].flatMap(([code]) => code.match(/\w+/g) ?? []));
  const problems = [];
  const everywhere = codeIn(guide);
  for (const { structs, classes, functions } of Object.values(surface.headers)) {
    for (const { name, methods } of classes) {
      const section = sections.get(name);
      if (section === undefined) problems.push(`  - a section with \`${name}\` in its heading`);
      const words = codeIn(section ?? '');
      for (const method of new Set(methods.map((signature) => /(\w+)\(/.exec(signature)[1]))) {
        if (!words.has(method)) problems.push(`  - ${name}::${method}`);
      }
    }
    for (const name of [...structs.map((each) => each.name), ...functions.map((each) => /(\w+)\(/.exec(each)[1])]) {
      if (!everywhere.has(name)) problems.push(`  - ${name}`);
    }
  }
  return problems;
}
