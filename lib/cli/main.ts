#!/usr/bin/env node
import { runProgram } from './program.js';
import { processTerminal } from './terminal/terminal.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // the reader of the pipe has had enough
  throw error;
});
void runProgram(process.argv.slice(2), processTerminal()).then((exitCode) => {
  process.exitCode = exitCode;
});
