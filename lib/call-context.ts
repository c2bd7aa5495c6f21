import { AsyncResource } from 'node:async_hooks';

/**
 * The asynchronous context in which it is made, for functions that are called later. Tools that look for what keeps a
 * process alive, such as Jest with `--detectOpenHandles`, ask each resource for `hasRef()`, and take one without it for
 * an open handle.
 */
export class CallContext extends AsyncResource {
  /** A context waits for nothing. */
  hasRef(): boolean {
    return false;
  }
}
