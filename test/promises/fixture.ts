import { fileURLToPath } from 'node:url';

/** The path of a program below test/promises/fixtures. */
export const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
