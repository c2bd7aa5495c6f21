// Names that resemble a mistyped one.

/** The pairs of neighbouring letters and digits in a name. */
function pairs(text) {
  const letters = text.toLowerCase().replace(/[^a-z0-9]/g, '');
  return new Set([...letters].slice(1).map((letter, at) => letters[at] + letter));
}

/**
 * The names that share most pairs of letters with `word`, best first.
 * @param {string} word
 * @param {readonly string[]} names
 */
export function nearest(word, names, most = 5) {
  const wanted = pairs(word);
  const likeness = (name) => {
    const found = pairs(name.split('/').at(-1));
    return (2 * [...found].filter((pair) => wanted.has(pair)).length) / (found.size + wanted.size || 1);
  };
  const ranked = names.map((name) => ({ name, score: likeness(name) })).sort((a, b) => b.score - a.score);
  return ranked.slice(0, most).map(({ name }) => name);
}
