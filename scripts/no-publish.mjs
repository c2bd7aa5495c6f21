// npm runs this before `npm publish` in the clone, which would publish the scripts of the clone, too.
console.error('publish the tarball of "npm run release", or of "node scripts/pack.mjs": npm publish <tarball>');
process.exitCode = 1;
